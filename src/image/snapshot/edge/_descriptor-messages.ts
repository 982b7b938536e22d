import ffi from 'node:ffi';
import { check, ERRNO, lastErrno, libc } from './_libc.ts';

/** linux/socket.h. */
const AF_UNIX = 1;
const SOCK_SEQPACKET = 5;
const SOCK_CLOEXEC = 0o2_000_000;
const SOL_SOCKET = 1;
const SCM_RIGHTS = 1;
const MSG_NOSIGNAL = 0x4000;
const MSG_CMSG_CLOEXEC = 0x4000_0000;

/** struct msghdr of a 64-bit system. */
const MESSAGE = { bytes: 56, parts: 16, partCount: 24, control: 32, controlLength: 40 } as const;
/** struct iovec. */
const PART = { bytes: 16, address: 0, length: 8 } as const;
/** struct cmsghdr, and where its data begins. */
const CONTROL = { length: 0, level: 8, type: 12, data: 16 } as const;
const DESCRIPTOR_BYTES = 4;
const MOST_DESCRIPTORS = 8;
const MOST_BYTES = 16 << 10;

export interface DescriptorMessage {
  readonly text: string;
  /** The receiver's own: it closes them. */
  readonly descriptors: readonly number[];
}

/** Both ends of a connection (unix(7)) whose messages stay whole, and may bring descriptors. One that is closed ends the other. */
export function openMessages(): { readonly ours: number; readonly theirs: number } {
  const ends = Buffer.alloc(8);
  check(libc.socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 'open a pair of sockets');
  return { ours: ends.readInt32LE(0), theirs: ends.readInt32LE(4) };
}

/** A message that fits into the buffer of the socket goes at once. */
export function sendMessage(socket: number, { text, descriptors }: DescriptorMessage): void {
  const header = messageHeader(Buffer.from(text), CONTROL.data + descriptors.length * DESCRIPTOR_BYTES);
  const { control } = header;
  control.writeBigUInt64LE(BigInt(control.length), CONTROL.length);
  control.writeInt32LE(SOL_SOCKET, CONTROL.level);
  control.writeInt32LE(SCM_RIGHTS, CONTROL.type);
  descriptors.forEach((descriptor, index) => control.writeInt32LE(descriptor, CONTROL.data + index * DESCRIPTOR_BYTES));
  check(libc.sendmsg(socket, header.message, MSG_NOSIGNAL), 'pass descriptors to a process');
}

/** Waits for the next message; undefined once the other end is closed. */
export function receiveMessage(socket: number): DescriptorMessage | undefined {
  const header = messageHeader(Buffer.alloc(MOST_BYTES), CONTROL.data + MOST_DESCRIPTORS * DESCRIPTOR_BYTES);
  let size = libc.recvmsg(socket, header.message, MSG_CMSG_CLOEXEC);
  while (size === -1n && lastErrno() === ERRNO.EINTR) size = libc.recvmsg(socket, header.message, MSG_CMSG_CLOEXEC);
  const length = check(size, 'receive a message');
  if (length === 0) return undefined;
  const end = header.message.readBigUInt64LE(MESSAGE.controlLength) === 0n ? CONTROL.data : Number(header.control.readBigUInt64LE(CONTROL.length));
  const descriptors: number[] = [];
  for (let at: number = CONTROL.data; at < end; at += DESCRIPTOR_BYTES) descriptors.push(header.control.readInt32LE(at));
  return { text: header.bytes.toString('utf8', 0, length), descriptors };
}

/** What points to memory is kept together with it: nothing else would keep that. */
function messageHeader(bytes: Buffer, controlBytes: number): { readonly message: Buffer; readonly part: Buffer; readonly bytes: Buffer; readonly control: Buffer } {
  const [message, part, control] = [Buffer.alloc(MESSAGE.bytes), Buffer.alloc(PART.bytes), Buffer.alloc(controlBytes)];
  part.writeBigUInt64LE(ffi.getRawPointer(bytes), PART.address);
  part.writeBigUInt64LE(BigInt(bytes.length), PART.length);
  message.writeBigUInt64LE(ffi.getRawPointer(part), MESSAGE.parts);
  message.writeBigUInt64LE(1n, MESSAGE.partCount);
  message.writeBigUInt64LE(ffi.getRawPointer(control), MESSAGE.control);
  message.writeBigUInt64LE(BigInt(control.length), MESSAGE.controlLength);
  return { message, part, bytes, control };
}
