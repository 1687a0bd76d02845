"""Who can reach an app around the gateway, in words."""

from typing import Final

REACH: Final = {
    "network": "ANYBODY ON THE NETWORK can reach it around the gateway; let it listen on 127.0.0.1 or a unix socket",
    "thisMachine": "every user of this machine can reach it around the gateway; use a unix socket in a 0700 directory",
    "directory": "only through the gateway",
    "elsewhere": "it runs on another machine: let that one accept connections from here only",
    "behindProxy": "its proxy asks us: let it accept connections from that proxy only; we cannot look, nor cut",
    "notListening": "nothing listens there now",
}
