// The passkey ceremonies (WebAuthn Level 3): fetch a challenge, let the browser answer it, send the answer.

const TWO_MINUTES = 120_000; // well inside the life of a challenge, so that a page left open still works
const supported =
  typeof PublicKeyCredential === "function" &&
  "parseRequestOptionsFromJSON" in PublicKeyCredential &&
  "parseCreationOptionsFromJSON" in PublicKeyCredential &&
  "toJSON" in PublicKeyCredential.prototype;

class Refused extends Error {}

// Only one ceremony can be open in a browser: the next one ends the one that waits in the autofill list.
let waiting = new AbortController();

async function send(address, body) {
  const response = await fetch(address, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/json" },
    body: JSON.stringify(body),
    redirect: "error",
  });
  const answer = await response.json();
  if (answer.error) throw new Refused(answer.error.text);
  return answer;
}

async function credentialFor(form, options, signal, mediation) {
  if (form.dataset.passkey === "create") {
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
    return navigator.credentials.create({ publicKey, signal });
  }
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
  return navigator.credentials.get({ publicKey, signal, mediation });
}

function go(location) {
  const target = new URL(location, document.baseURI);
  if (target.protocol !== "https:") throw new Refused(target.protocol);
  window.location.assign(target);
}

// One whole ceremony; resolves when the browser is on its way.
async function perform(form, mediation) {
  waiting.abort();
  waiting = new AbortController();
  const { signal } = waiting;
  const challenge = await send(form.dataset.options, {});
  if (challenge.location) return go(challenge.location);
  signal.throwIfAborted();
  const credential = await credentialFor(form, challenge.options, signal, mediation);
  const fields = Object.fromEntries(new FormData(form));
  const answer = await send(form.dataset.answer, { ...fields, handle: challenge.handle, credential });
  return go(answer.location);
}

function say(form, text) {
  const place = form.querySelector("[data-error]");
  place.textContent = text;
  place.hidden = !text;
}

const REASONS = { NotAllowedError: "cancelled", InvalidStateError: "exists" };

// Chromium has no name of its own for this: it refuses passkeys on pages whose certificate was only clicked away.
function untrusted(error) {
  return error.name === "NotAllowedError" && error.message.includes("certificate");
}

function explain(form, error) {
  if (error.name === "AbortError") return;
  if (error instanceof Refused) return say(form, error.message);
  const key = untrusted(error) ? "untrusted" : (REASONS[error.name] ?? "failed");
  const text = form.querySelector(`[data-${key}]`) ?? form.querySelector("[data-cancelled]");
  say(form, text.textContent);
}

async function onSubmit(event) {
  event.preventDefault();
  const form = event.currentTarget;
  const button = form.querySelector("button");
  say(form, "");
  button.disabled = true;
  form.setAttribute("aria-busy", "true");
  try {
    await perform(form, "optional");
  } catch (error) {
    explain(form, error);
    offer(form);
  } finally {
    button.disabled = false;
    form.removeAttribute("aria-busy");
  }
}

// Passkeys in the autofill list of the user name (conditional mediation).
async function offer(form) {
  if (!("conditional" in form.dataset)) return;
  if (!(await PublicKeyCredential.isConditionalMediationAvailable?.())) return;
  const renewal = setTimeout(() => offer(form), TWO_MINUTES);
  try {
    await perform(form, "conditional");
  } catch (error) {
    if (error instanceof Refused) say(form, error.message);
    if (error.name === "AbortError") clearTimeout(renewal);
  }
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (!supported) continue;
  form.hidden = false;
  form.addEventListener("submit", onSubmit);
  offer(form);
}
for (const part of document.querySelectorAll(supported ? "[data-with-passkey]" : "[data-unsupported]")) {
  part.hidden = false;
}
if (supported) {
  for (const button of document.querySelectorAll("[data-second-with-passkey]")) button.classList.remove("primary");
}
