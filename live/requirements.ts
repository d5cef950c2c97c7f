import { spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** What this machine lacks for real nodes. */
export interface Lack {
  what: string;
  /** What to do about it. */
  instead: string;
  /** Set where `instead` is a command that mends it on this machine: it can have real nodes. */
  forNow?: true;
}

/** What is asked of a machine; of this process' own unless told. */
export interface Machine {
  platform: NodeJS.Platform;
  arch: NodeJS.Architecture;
  /** The user's number. */
  uid: number | undefined;
  /** The folders of programs. */
  path: string;
  /** Whether a command succeeds. */
  can(command: readonly [string, ...string[]]): boolean;
}

const thisMachine = (): Machine => ({
  platform: process.platform,
  arch: process.arch,
  uid: process.getuid?.(),
  path: process.env.PATH ?? "",
  can: ([file, ...args]) => spawnSync(file, args, { stdio: "ignore" }).status === 0,
});

/** Programs that nodes are set up with, and where they come from. */
const programs = {
  unshare: "util-linux",
  nsenter: "util-linux",
  mount: "mount",
  ip: "iproute2",
  sysctl: "procps",
  tar: "tar",
  "apt-get": "apt, of Debian or Ubuntu",
  "apt-cache": "apt, of Debian or Ubuntu",
  "dpkg-deb": "dpkg",
};

/** What root may do on a machine of its own, and mostly not in a container. */
const rights: (Lack & { command: [string, ...string[]] })[] = [
  {
    what: "root may make no namespaces here",
    instead: "a virtual machine lets it, or a container that is privileged",
    command: ["unshare", "--net", "--mount", "--pid", "--uts", "--ipc", "--fork", "--mount-proc", "true"],
  },
  {
    what: "root may make no cgroups here",
    instead: "a virtual machine lets it, or a container that is privileged",
    command: [
      "sh",
      "-c",
      'set -- /sys/fs/cgroup/memory /sys/fs/cgroup; [ -d "$1" ] || shift; mkdir "$1/attic-live-try" && rmdir "$1/attic-live-try"',
    ],
  },
  {
    what: "apt knows no package containerd",
    instead: "apt-get update",
    forNow: true,
    command: ["sh", "-c", "apt-cache show containerd | grep -q ^Filename"],
  },
];

const simulated =
  "`npm run local` stands the stack up on simulated nodes, on any Linux machine and without root";

/** Everything that this machine lacks for real nodes; empty when it has all. */
export function lacks(machine: Machine = thisMachine()): Lack[] {
  if (machine.platform !== "linux" || machine.arch !== "x64") {
    return [
      {
        what: `real nodes need Linux on x86-64; this is ${machine.platform} on ${machine.arch}`,
        instead: simulated,
      },
    ];
  }
  const found: Lack[] = [];
  if (machine.uid !== 0) {
    found.push({
      what: "real nodes need root: they are made of namespaces, mounts and cgroups",
      instead: `run the same command with sudo, or: ${simulated}`,
    });
  }
  for (const [program, source] of Object.entries(programs)) {
    if (!onPath(program, machine.path)) {
      found.push({ what: `there is no ${program} on PATH`, instead: `it comes with ${source}` });
    }
  }
  if (found.length > 0) return found;
  return rights.filter(({ command }) => !machine.can(command)).map(({ command, ...lack }) => lack);
}

/** Whether packages of the distribution can be had: apt is there. */
export const hasApt = (path = process.env.PATH ?? ""): boolean =>
  ["apt-get", "apt-cache", "dpkg-deb"].every((program) => onPath(program, path));

function onPath(program: string, path: string): boolean {
  return path.split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
