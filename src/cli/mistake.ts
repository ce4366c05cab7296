/** What the person at the command line did wrong, in one line; ends the program with code 2. */
export class Mistake extends Error {}

const systemProblems: Record<string, string> = {
  ENOENT: 'there is no such file',
  EACCES: 'permission denied',
  EISDIR: 'it is a folder',
  EADDRINUSE: 'the port is in use',
  EADDRNOTAVAIL: 'this machine has no such address',
  ENOTFOUND: 'there is no such host',
}

/** A system error in words, without the path and the call that Node puts around it. */
export function inWords(error: unknown): string {
  const { code = '', message } = error as NodeJS.ErrnoException
  return systemProblems[code] ?? oneLine(message)
}

/** The first line of a message that can have many. */
export function oneLine(message: string): string {
  return (message.split('\n')[0] ?? '').trim()
}
