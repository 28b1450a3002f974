// The beginning of an Unbound configuration: in the foreground, in its folder, at one address, for servers that are on loopback.

export function unboundServer(folder: string, listen: string, anchors: readonly string[]): string[] {
  return [
    'server:',
    `  directory: "${folder}"`,
    '  username: ""',
    '  chroot: ""',
    '  use-syslog: no',
    '  do-daemonize: no',
    '  pidfile: ""',
    `  interface: ${listen}`,
    '  do-not-query-localhost: no',
    '  do-ip6: no',
    '  trust-anchor-signaling: no',
    ...anchors.map((line) => `  trust-anchor: "${line}"`)
  ]
}
