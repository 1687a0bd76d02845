/** Octets as JSON carries them: in base64. */

const TOGETHER = 0x8000;

export function base64(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += TOGETHER) text += String.fromCharCode(...bytes.subarray(at, at + TOGETHER));
  return btoa(text);
}
