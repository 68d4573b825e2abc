// Which processes belong to an editor under test. They are known by the private HOME in their environment, so that one which
// was orphaned, or started by something else than we thought, is found as well. Linux only, as the editor from npm is.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

export interface RunningProcess {
  readonly pid: number;
  /** The command line, its arguments joined by blanks. */
  readonly command: string;
}

const readProc = (pid: number, name: string): string => {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch {
    return ''; // It ended in the meantime.
  }
};

/** Every live process whose HOME is `home`, zombies left out. */
export function processesAtHome(home: string): RunningProcess[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids
    .map(Number)
    .filter((pid) => readProc(pid, 'environ').split('\0').includes(`HOME=${home}`))
    .filter((pid) => isAlive(pid))
    .map((pid) => ({ pid, command: readProc(pid, 'cmdline').split('\0').join(' ').trim() }));
}

/** Whether the process runs; a zombie, ended but not yet waited for, does not. */
export function isAlive(pid: number): boolean {
  const stat = readProc(pid, 'stat');
  return stat !== '' && !/^\d+ \(.*\) [ZX] /s.test(stat);
}

/** The processes that run `dist/host.js`: engines and trainers. */
export function enginesAtHome(home: string): RunningProcess[] {
  return processesAtHome(home).filter(({ command }) => /[\\/]dist[\\/]host\.js(\s|$)/.test(command));
}

/** The editor's own processes, without the engines: what dies when a server is killed. */
export function editorsAtHome(home: string): RunningProcess[] {
  const engines = new Set(enginesAtHome(home).map(({ pid }) => pid));
  return processesAtHome(home).filter(({ pid }) => !engines.has(pid));
}

/** Sends a signal; that the process has ended already is no failure. */
export function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Kills whatever still runs at `home` and says what that was. */
export function killAllAtHome(home: string): RunningProcess[] {
  const left = processesAtHome(home);
  for (const { pid } of left) signalProcess(pid, 'SIGKILL');
  return left;
}

/** Addresses other than this machine's that any process at `home` is connected to. */
export function outsideConnections(home: string): string[] {
  const inodes = new Set(processesAtHome(home).flatMap(({ pid }) => socketsOf(pid)));
  const found: string[] = [];
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const line of readFileSync(table, 'utf8').split('\n').slice(1)) {
      const columns = line.trim().split(/\s+/);
      const [remote, state, inode] = [columns[2] ?? '', columns[3] ?? '', columns[9] ?? ''];
      const address = remote.split(':')[0] ?? '';
      const listening = state === '0A';
      // 127.x.x.x and ::1, as the kernel prints them: words of four bytes, the first byte last.
      const local = /^([0-9A-F]{6}7F|0{24}01000000|0{16}FFFF0000[0-9A-F]{6}7F)$/.test(address);
      if (inodes.has(inode) && !listening && !local && !/^0+$/.test(address)) found.push(remote);
    }
  }
  return found;
}

function socketsOf(pid: number): string[] {
  try {
    const folder = `/proc/${pid}/fd`;
    return readdirSync(folder).flatMap((descriptor) => {
      const target = readlinkSync(`${folder}/${descriptor}`);
      const inode = /^socket:\[(\d+)\]$/.exec(target)?.[1];
      return inode === undefined ? [] : [inode];
    });
  } catch {
    return [];
  }
}
