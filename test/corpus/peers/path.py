"""A path between two network interfaces: every frame takes its time, and connections can be forgotten.

    path.py bridge CLIENT_SIDE PEER_SIDE ONE_WAY_MS    commands on stdin, "ok" on stdout for each and at the start
    path.py plain INTERFACE                            no offloads, so that checksums are whole and frames small

Commands: `forget silent` drops all that connections seen so far send from now on, both ways; `forget near` and
`forget far` answer what the client sends on them with an RST, as a middlebox next to the client or the peer does.
"""
import array
import fcntl
import heapq
import os
import select
import socket
import struct
import sys
import time

TCP = 6
RST = 4


def plain(name):
    """Switches checksum, segmentation and receive offloads off (SIOCETHTOOL)."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        for command in (0x17, 0x1F, 0x24, 0x2C):
            value = array.array("B", struct.pack("II", command, 0))
            request = struct.pack("16sP", name.encode(), value.buffer_info()[0])
            try:
                fcntl.ioctl(control, 0x8946, request)
            except OSError:
                pass  # it has no such offload


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


class Frame:
    """What matters of an Ethernet frame; `ports` is None if it is not TCP over IPv4."""

    def __init__(self, raw):
        self.raw = raw
        self.ports = None
        if raw[12:14] != b"\x08\x00" or raw[23] != TCP:
            return
        self.tcp = 14 + (raw[14] & 15) * 4
        self.ports = struct.unpack("!HH", raw[self.tcp : self.tcp + 4])
        self.flags = raw[self.tcp + 13]

    def reset(self):
        """The RST that answers it (RFC 9293 3.10.7.1)."""
        raw, tcp = self.raw, self.tcp
        ports = raw[tcp + 2 : tcp + 4] + raw[tcp : tcp + 2]
        addresses = raw[30:34] + raw[26:30]
        header = ports + raw[tcp + 8 : tcp + 12] + struct.pack("!IBBHHH", 0, 0x50, RST, 0, 0, 0)
        summed = checksum(addresses + struct.pack("!BBH", 0, TCP, 20) + header)
        header = header[:16] + struct.pack("!H", summed) + header[18:]
        ip = struct.pack("!BBHHHBBH", 0x45, 0, 40, 0, 0x4000, 64, TCP, 0) + addresses
        ip = ip[:10] + struct.pack("!H", checksum(ip)) + ip[12:]
        return raw[6:12] + raw[0:6] + b"\x08\x00" + ip + header


def bridge(client_side, peer_side, delay):
    sides = []
    for name in (client_side, peer_side):
        side = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        side.bind((name, 0))
        sides.append(side)
    client, peer = sides
    known, forgotten, how = set(), set(), "silent"
    waiting, count, commands = [], 0, b""
    print("ok", flush=True)
    while True:
        timeout = max(0, waiting[0][0] - time.monotonic()) if waiting else None
        readable, _, _ = select.select([client, peer, 0], [], [], timeout)
        now = time.monotonic()
        for side in readable:
            if side == 0:
                text = os.read(0, 4096)
                if not text:
                    return
                commands += text
                while b"\n" in commands:
                    line, commands = commands.split(b"\n", 1)
                    how = line.split()[1].decode()
                    forgotten |= known
                    print("ok", flush=True)
                continue
            raw, (_, _, kind, *_) = side.recvfrom(65536)
            if kind == socket.PACKET_OUTGOING:
                continue
            frame = Frame(raw)
            to, due = (peer if side is client else client), now + delay
            if frame.ports is not None:
                flow = frame.ports[0] if side is client else frame.ports[1]
                if flow in forgotten:
                    if how == "silent" or side is peer or frame.flags & RST:
                        continue
                    to, raw = client, frame.reset()
                    due = now + (delay / 4 if how == "near" else 2 * delay)
                known.add(flow)
            count += 1
            heapq.heappush(waiting, (due, count, to, raw))
        while waiting and waiting[0][0] <= time.monotonic():
            _, _, to, raw = heapq.heappop(waiting)
            to.send(raw)


if sys.argv[1] == "plain":
    plain(sys.argv[2])
else:
    bridge(sys.argv[2], sys.argv[3], float(sys.argv[4]) / 1000)
