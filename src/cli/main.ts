#!/usr/bin/env node
// The program `dnssec-resolver`.
// No subcommand is there yet: it says so and fails.
process.stderr.write('dnssec-resolver: no subcommand is available in this build\n')
process.exitCode = 2

export {}
