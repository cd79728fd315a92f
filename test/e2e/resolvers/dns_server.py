"""A small DNS server over UDP, for the outages: what it answers is given by the command line.

    dns_server.py LOG SUFFIX=ANSWER... @ADDRESS...

A name gets the answer of the longest SUFFIX it ends with (".example.org." or "."): ANSWER is an IPv4
address, or "none": there is no such name. Answers live for a second, so that all are soon stale; that
something is not there lives for a minute, as in real zones. LOG gets each name that is asked for.
"""

import selectors
import socket
import struct
import sys

TTL, NEGATIVE_TTL = 1, 60
A, SOA, IN = 1, 6, 1
NO_ERROR, NO_SUCH_NAME = 0, 3


def encode(name):
    labels = [label.encode() for label in name.split(".") if label]
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def question_of(query):
    """The name that is asked for, its type, and where the question ends."""
    labels, at = [], 12
    while query[at] > 0:
        labels.append(query[at + 1 : at + 1 + query[at]].decode("ascii"))
        at += 1 + query[at]
    (kind,) = struct.unpack_from(">H", query, at + 1)
    return ".".join(labels).lower(), kind, at + 5


def record(name, kind, ttl, data):
    return name + struct.pack(">HHIH", kind, IN, ttl, len(data)) + data


def reply(query, answers, log):
    name, kind, end = question_of(query)
    print(name, file=log, flush=True)
    suffix = max((s for s in answers if f".{name}.".endswith(s)), key=len)
    there = answers[suffix] != "none"
    found, authority = b"", b""
    if there and kind == A:
        found = record(b"\xc0\x0c", A, TTL, socket.inet_aton(answers[suffix]))
    else:
        timers = struct.pack(">IIIII", 1, 3600, 600, 86400, NEGATIVE_TTL)
        data = encode("ns" + suffix) + encode("admin" + suffix) + timers
        authority = record(encode(suffix), SOA, NEGATIVE_TTL, data)
    # A response, recursion desired and available.
    flags = 0x8180 | (NO_ERROR if there else NO_SUCH_NAME)
    counts = (1, 1 if found else 0, 1 if authority else 0, 0)
    return query[:2] + struct.pack(">HHHHH", flags, *counts) + query[12:end] + found + authority


def main(log_file, *words):
    addresses = [word[1:] for word in words if word.startswith("@")]
    answers = dict(word.split("=") for word in words if not word.startswith("@"))
    selector = selectors.DefaultSelector()
    for address in addresses:
        server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        server.bind((address, 53))
        selector.register(server, selectors.EVENT_READ)
    with open(log_file, "a", encoding="ascii") as log:
        while True:
            for key, _ in selector.select():
                try:
                    query, peer = key.fileobj.recvfrom(4096)
                    key.fileobj.sendto(reply(query, answers, log), peer)
                except OSError:
                    pass  # An outage keeps the reply from its way.


main(*sys.argv[1:])
