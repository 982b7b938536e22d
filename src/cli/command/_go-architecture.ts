/** This machine's architecture in Go's words, as Docker and OCI write it. */
export function goArchitecture(): string {
  return { x64: 'amd64', arm64: 'arm64', arm: 'arm', ia32: '386' }[process.arch as string] ?? process.arch;
}
