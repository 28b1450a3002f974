// Command lines to commands: what is taken, and how what is wrong is told.
import { describe, expect, it } from 'vitest'
import { choice, command, flag, integer, text, texts, time, value } from '../../src/cli/command.js'
import { UsageError } from '../../src/cli/exit.js'
import { helpText } from '../../src/cli/help.js'
import { type Parsed, parseCommand } from '../../src/cli/parse.js'

interface Options {
  readonly json?: boolean
  readonly out?: string
  readonly server?: readonly string[]
  readonly port: number
  readonly atTime?: number
  readonly mode?: 'quick' | 'slow'
}

const act = async (): Promise<void> => {}
const below = command({ name: 'diff', about: 'tells two apart', operands: [{ usage: '<a>' }, { usage: '<b>' }], options: {}, act })
const show = command<Options>({
  name: 'show',
  about: 'shows one thing, in words that are more than one line of a narrow terminal can hold',
  operands: [
    { usage: '[name]', about: 'what to show' },
    { usage: '[type]', about: 'its type', fallback: 'A' }
  ],
  options: {
    json: flag('-j, --json', 'as JSON'),
    out: text('-o, --out <file>', 'where it goes'),
    server: texts('-s, --server <host>', 'whom to ask; may be given again'),
    port: value('--port <number>', 'its port', integer(1, 65_535), 53),
    atTime: value('--at-time <time>', 'when', time),
    mode: choice('--mode <mode>', 'how', ['quick', 'slow'])
  },
  commands: [below],
  act
})
const many = command({ name: 'many', about: 'takes many', operands: [{ usage: '<first>' }, { usage: '[more...]' }], options: {}, act })
const program = command({ name: 'program', about: 'does it all', commands: [show, many], epilogue: 'The end.\n' })

const parse = (...words: string[]): Parsed => parseCommand(program, words, '1.2.3')

describe('is taken', () => {
  it.each<[string[], readonly (string | undefined)[], Partial<Options>]>([
    [['show'], [undefined, 'A'], { port: 53 }],
    [['show', 'x', 'MX', '-j'], ['x', 'MX'], { port: 53, json: true }],
    [['show', '-jo', 'file', 'x'], ['x', 'A'], { port: 53, json: true, out: 'file' }],
    [['show', '-ofile', '--port=7'], [undefined, 'A'], { port: 7, out: 'file' }],
    [['show', '-s', 'a', 'x', '--server', 'b', '-s=c'], ['x', 'A'], { port: 53, server: ['a', 'b', '=c'] }],
    [['show', '--out', '-'], [undefined, 'A'], { port: 53, out: '-' }],
    [['show', '--out', '--json'], [undefined, 'A'], { port: 53, out: '--json' }],
    [['show', '--port', '1', '--port', '2', '--out='], [undefined, 'A'], { port: 2, out: '' }],
    [['show', '--at-time', '2026-01-01', '--mode', 'slow'], [undefined, 'A'], { port: 53, atTime: Date.UTC(2026, 0), mode: 'slow' }],
    [['show', '--', '-j', '--out'], ['-j', '--out'], { port: 53 }],
    [['many', 'a', 'b', 'c'], ['a', 'b', 'c'], {}]
  ])('%j', (words, operands, options) => {
    const parsed = parse(...words)
    expect('command' in parsed && [parsed.command.name, parsed.operands]).toEqual([words[0], operands])
    expect('command' in parsed && parsed.options).toEqual(options)
  })

  it('a command below another with options of its own, but not after other operands', () => {
    expect(parse('show', 'diff', 'x', 'y')).toMatchObject({ command: { name: 'diff' }, operands: ['x', 'y'] })
    expect(parse('show', 'x', 'diff')).toMatchObject({ command: { name: 'show' }, operands: ['x', 'diff'] })
  })
})

describe('is refused', () => {
  it.each([
    [['nothing'], "unknown command 'nothing'"],
    [['shw'], "unknown command 'shw'\n(Did you mean show?)"],
    [['show', '--jsn'], "unknown option '--jsn'\n(Did you mean --json?)"],
    [['show', '--constructor'], "unknown option '--constructor'"],
    [['show', '-x'], "unknown option '-x'"],
    [['--json', 'show'], "unknown option '--json'"],
    [['show', '--version'], "unknown option '--version'"],
    [['show', '--json=yes'], "option '-j, --json' takes no argument"],
    [['show', '--port'], "option '--port <number>' argument missing"],
    [['show', '--port', '0'], "option '--port <number>' argument '0' is invalid: it is a number from 1 to 65535."],
    [['show', '--port', '1e2'], 'it is a number from 1 to 65535.'],
    [['show', '--port', '-5'], "argument '-5' is invalid"],
    [['show', '--port', ''], "argument '' is invalid"],
    [['show', '--at-time', 'soon'], 'it is a time like 2026-12-31'],
    [['show', '--mode', 'x'], 'it is one of quick, slow.'],
    [['show', 'a', 'b', 'c'], "too many arguments for 'show': 2 expected, 3 given"],
    [['show', 'diff', 'a'], "missing required argument 'b'"],
    [['show', 'diff', 'a', 'b', 'c'], "too many arguments for 'diff'"],
    [['many'], "missing required argument 'first'"]
  ])('%j', (words, why) => {
    expect(() => parse(...words)).toThrow(UsageError)
    expect(() => parse(...words)).toThrow(why)
  })
})

describe('help', () => {
  it.each([
    [['--help'], 'Usage: program [options] [command]\n'],
    [['-h', 'show'], 'Usage: program [options] [command]\n'],
    [['help'], 'Usage: program [options] [command]\n'],
    [['help', 'show'], 'Usage: program show [options] [command] [name] [type]\n'],
    [['help', 'show', 'diff'], 'Usage: program show diff [options] <a> <b>\n'],
    [['show', 'diff', '--help'], 'Usage: program show diff [options] <a> <b>\n'],
    [['show', '--bogus', '--help'], undefined],
    [['--version'], '1.2.3\n'],
    [['-V'], '1.2.3\n']
  ])('%j', (words, start) => {
    if (start === undefined) expect(() => parse(...words)).toThrow(UsageError)
    else {
      const parsed = parse(...words)
      expect('show' in parsed && [parsed.show.slice(0, start.length), parsed.wanted]).toEqual([start, true])
    }
  })

  it('is given for want of a command, and that is no success', () => {
    expect(parse()).toEqual({ show: expect.stringContaining('Usage: program'), wanted: false })
  })

  it('names every operand, option, default and command, within the width of the terminal', () => {
    const shown = helpText(show, 'program show', false, 60)
    expect(shown).toBe(`Usage: program show [options] [command] [name] [type]

shows one thing, in words that are more than one line of a
narrow terminal can hold

Arguments:
  [name]
      what to show
  [type]
      its type (default: "A")

Options:
  -j, --json
      as JSON
  -o, --out <file>
      where it goes
  -s, --server <host>
      whom to ask; may be given again
  --port <number>
      its port (default: 53)
  --at-time <time>
      when
  --mode <mode>
      how (quick, slow)
  -h, --help
      print this text

Commands:
  diff <a> <b>
      tells two apart
`)
    expect(helpText(program, 'program', true, 90)).toBe(`Usage: program [options] [command]

does it all

Options:
  -V, --version                 print the version
  -h, --help                    print this text

Commands:
  show [options] [name] [type]  shows one thing, in words that are more than one line of a
                                narrow terminal can hold
  many <first> [more...]        takes many
  help [command]                print the help of a command

The end.
`)
  })
})
