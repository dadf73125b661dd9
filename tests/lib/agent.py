# SPDX-License-Identifier: Apache-2.0
"""An agent that dies: agent.py REAL FAKE N passes N signatures on from the agent at REAL, then hangs up."""
import socket, sys

SIGN_RESPONSE = 14


def take(peer, n):
    got = b""
    while len(got) < n:
        piece = peer.recv(n - len(got))
        if not piece:
            sys.exit()
        got += piece
    return got


def message(peer):
    length = take(peer, 4)
    return length + take(peer, int.from_bytes(length, "big"))


real, fake, left = sys.argv[1], sys.argv[2], int(sys.argv[3])
door = socket.socket(socket.AF_UNIX)
door.bind(fake)
door.listen()
print("ready", flush=True)
client, agent = door.accept()[0], socket.socket(socket.AF_UNIX)
agent.connect(real)
while True:
    agent.sendall(message(client))
    answer = message(agent)
    if answer[4] == SIGN_RESPONSE:
        if left == 0:
            break
        left -= 1
    client.sendall(answer)
