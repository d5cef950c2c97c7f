import { readdir, readFile, readlink } from "node:fs/promises";

/** The pids of a process's children. */
export async function childrenOf(pid: number): Promise<number[]> {
  const tasks = await readdir(`/proc/${pid}/task`);
  const lists = await Promise.all(
    tasks.map((task) => readFile(`/proc/${pid}/task/${task}/children`, "utf8").catch(() => "")),
  );
  return lists.flatMap((list) => list.split(" ").filter(Boolean).map(Number));
}

export interface Listener {
  readonly address: string;
  readonly port: number;
}

/** The TCP ports a process listens on, and on which address; one of IPv6 is given as in /proc. */
export async function listenersOf(pid: number): Promise<Listener[]> {
  const sockets = new Set<string>();
  for (const fd of await readdir(`/proc/${pid}/fd`)) {
    const inode = /^socket:\[(\d+)\]$/.exec(await readlink(`/proc/${pid}/fd/${fd}`).catch(() => ""))?.[1];
    if (inode) sockets.add(inode);
  }
  const tables = await Promise.all(
    ["tcp", "tcp6"].map((name) => readFile(`/proc/${pid}/net/${name}`, "utf8")),
  );
  return tables
    .flatMap((table) => table.trim().split("\n").slice(1))
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , , state, , , , , , inode]) => state === "0A" && sockets.has(inode ?? ""))
    .map(([, local = ""]) => {
      const [address = "", port = ""] = local.split(":");
      return { address: dotted(address), port: Number.parseInt(port, 16) };
    });
}

/** /proc gives an IPv4 address as hex in the byte order of the machine. */
function dotted(hex: string): string {
  return hex.length === 8 ? [...Buffer.from(hex, "hex")].reverse().join(".") : hex;
}

/** Whether a process of this pid runs. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
