"""Which headers a client may not send and an app may not answer: names that speak of identity, origin or routing."""

# The one header in which Envoy tells the check and the pages about the connection, overwriting what was sent.
CONNECTION_HEADER = "assay-connection"
FORWARDED_FOR = "x-forwarded-for"

# `[^a-z0-9]` where a hyphen stands: many frameworks read X.User, X~User and X-User as the same variable.
# Matched whole against lower-case names by RE2.
_SEP = "[^a-z0-9]"


def _other_than(word: str) -> str:
    """Whatever is not this word, in a language without negative look-ahead."""
    length = len(word)
    differs = (f".{{{at}}}[^{letter}].{{{length - at - 1}}}" for at, letter in enumerate(word))
    return "|".join((f".{{0,{length - 1}}}", *differs, f".{{{length + 1},}}"))


# `Authorization`, `X-Auth-Token` and `X-Token` pass: they prove something to an app (its own scripts send them), where
# the others assert and an app behind a proxy would believe them.
_CLIENT_MAY_NOT_SEND = (
    "(x{s})?assay.*",  # ours
    "forwarded({s}.*)?|x{s}forwarded|x{s}forwarded{s}("
    + _other_than("for")
    + ")|x[^a-z0-9-]forwarded{s}.*",  # RFC 7239
    "x-forwarded[^a-z0-9-].*",
    "via|(true{s})?client{s}ip|wl{s}proxy{s}.*|cf{s}.*|fastly{s}.*|fly{s}client{s}ip|x{s}(real|client|cluster|remote){s}.*",
    "x{s}host|x{s}original.*|x{s}rewrite.*|x{s}proxyuser.*|x{s}appengine.*|x{s}middleware.*",
    "(x{s})?(http{s})?method{s}override|x{s}(http{s})?method",
    "(x{s})?remote{s}.*|(x{s})?authenticated{s}.*|(x{s})?auth{s}(request|user|email|groups?|roles?).*|x{s}user.*|x{s}email|x{s}groups?|x{s}roles?",
    "x{s}auth{s}(" + _other_than("token") + ")",
    "x{s}token{s}.*|x{s}credential{s}.*|x{s}(anonymous{s})?consumer.*|impersonate{s}.*",
    "x{s}webauth.*|x{s}goog{s}(iap|auth).*|x{s}pomerium.*|x{s}ms{s}(client{s}principal|token).*|x{s}amzn{s}oidc.*|tailscale{s}.*|x{s}jwt.*",
    "(x{s})?(ssl|tls|client{s}cert|clientcert|client{s}verify|client{s}dn).*",
    "x{s}envoy.*|x{s}accel{s}.*|x{s}sendfile.*|x{s}spiffe.*",
    "proxy|proxy{s}.*|http2{s}settings|early{s}data",
    # What other gateways and identity providers tell the apps behind them.
    "x{s}(authentik|authelia|vouch|sso|shib|oidc|cloudflare|kubernetes|impersonate|iv){s}.*|(x{s})?gap{s}auth|x{s}proxy{s}user",
    "(oidc|shib|sm|iv|teleport){s}.*|eppn|kbn{s}user|es{s}security{s}runas{s}user",
    # Other spellings of address, host, scheme and path.
    "x{s}(azure|originating|custom{s}ip|nf{s}client|vercel){s}.*|[a-z]+{s}connecting{s}ip.*|x{s}amzn{s}mtls{s}.*|akamai{s}.*",
    "x{s}http{s}(host{s}.*|destinationurl)|x{s}host{s}override|x{s}override{s}.*|base{s}url|request{s}uri",
    "(x{s})?script{s}name|x{s}(url{s})?scheme|front{s}end{s}https|x{s}server{s}(name|addr|port)",
)


def client_may_not_send(*, but_forwarded_for: bool = False) -> str:
    """One expression for all; from a trusted proxy `X-Forwarded-For` comes through to Envoy, spelt so and not else."""
    patterns = (*_CLIENT_MAY_NOT_SEND, *(() if but_forwarded_for else (FORWARDED_FOR,)))
    return "|".join(f"(?:{pattern})" for pattern in patterns).replace("{s}", _SEP)


# What the check reads of a request beside its connection, by the field of a CheckRequest where it stands.
CHECK_FIELDS = {
    "cookie": "cookie",
    "origin": "origin",
    "upgrade": "upgrade",
    "accept": "accept",
    "authorization": "authorization",
    "user-agent": "user_agent",
    "sec-fetch-mode": "fetch_mode",
    "sec-fetch-dest": "fetch_dest",
    "sec-fetch-site": "fetch_site",
    "sec-fetch-user": "fetch_user",
    "access-control-request-method": "requested_method",
    "access-control-request-headers": "requested_headers",
}
# Method, path and host are always handed over by Envoy.
CHECK_READS = (CONNECTION_HEADER, *CHECK_FIELDS)

# Matched whole against lower-case names by RE2. Clear-Site-Data, Alt-Svc and pins reach beyond the app's own host; ours
# and x-envoy-… would be taken for our word; the rest are orders to a web server that stands in front of us. Who else's
# scripts may read what a signed-in person gets is said by the list of allowed origins and by nobody else.
APP_MAY_NOT_ANSWER = (
    "clear-site-data|alt-svc|public-key-pins.*|set-cookie2|(x-)?assay-.*|x-envoy-.*|x-accel-.*|x-sendfile.*|"
    "x-lighttpd-.*|x-litespeed-.*|proxy-.*|access-control-allow-credentials"
)
# Of an app whose allowed origins are listed: the check says who may read, and two of these would be none.
CORS_ANSWER = "access-control-allow-origin"

# On Set-Cookie an app may name neither our cookies nor a domain above its own host (the first line of the code).
# The patterns forgive what browsers forgive: white space, a missing name, other case.
_SET_COOKIE_LUA = """
local function refused(cookie)
  local text = string.lower(cookie)
  if string.find(text, "^[%s=]*__%a+%-assay") or string.find(text, ",[%s=]*__%a+%-assay") then return true end
  for domain in string.gmatch(text, ";%s*domain%s*=%s*([^;]*)") do
    domain = string.gsub(string.gsub(domain, "%s", ""), "^%.", "")
    if domain ~= "" and domain ~= host then return true end
  end
  return false
end

function envoy_on_response(handle)
  local headers = handle:headers()
  local count = headers:getNumValues("set-cookie")
  if count == 0 then return end
  local kept, dropped = {}, false
  for index = 0, count - 1 do
    local cookie = headers:getAtIndex("set-cookie", index)
    if refused(cookie) then dropped = true else kept[#kept + 1] = cookie end
  end
  if not dropped then return end
  headers:remove("set-cookie")
  for _, cookie in ipairs(kept) do headers:add("set-cookie", cookie) end
end
"""


def set_cookie_guard(host: str) -> str:
    """Lua for the answers of the app on this host, which is a DNS name and so needs no quoting."""
    return f'local host = "{host}"{_SET_COOKIE_LUA}'
