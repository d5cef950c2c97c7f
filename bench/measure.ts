import { spawn } from "node:child_process";

/** Runs a command to its end and gives the seconds it took. Its output is thrown away unless it fails. */
export async function seconds(
  command: string,
  args: string[],
  env: Record<string, string> = {},
): Promise<number> {
  const started = performance.now();
  await run(command, args, env);
  return (performance.now() - started) / 1000;
}

/**
 * Runs a command to its end and gives its output.
 * @throws Error with the end of its output when it fails
 */
export function run(
  command: string,
  args: string[],
  env: Record<string, string> = {},
  input?: string,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      env: { ...process.env, ...env },
      stdio: [input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on("data", (text: Buffer) => {
        output = (output + text).slice(-20_000);
      });
    }
    child.stdin?.end(input);
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0) resolve(output);
      else reject(new Error(`${command} ${args.join(" ")} ended with ${code}:\n${output}`));
    });
  });
}

/** The middle one of some figures. */
export function median(figures: number[]): number {
  const sorted = figures.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}

/**
 * The median ratio of two things measured in turn, after one run of each that is not counted. A machine whose
 * speed drifts slows both of a pair.
 */
export async function ratio(
  rounds: number,
  a: () => Promise<number>,
  b: () => Promise<number>,
): Promise<{ ratio: number; a: number; b: number }> {
  await a();
  await b();
  const pairs: [number, number][] = [];
  for (let round = 0; round < rounds; round++) pairs.push([await a(), await b()]);
  return {
    ratio: median(pairs.map(([x, y]) => x / y)),
    a: median(pairs.map(([x]) => x)),
    b: median(pairs.map(([, y]) => y)),
  };
}

/**
 * Measures several things in turn, after a tenth as many rounds that are not counted. Each finds the machine as the
 * one before it left it, so the rounds begin with each in turn, and every other one goes backwards.
 * @returns the figures of each, by round
 */
export async function inTurn<Name extends string>(
  rounds: number,
  things: Record<Name, () => Promise<number>>,
): Promise<Record<Name, number[]>> {
  const names = Object.keys(things) as Name[];
  const figures = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>;
  const ahead = Math.ceil(rounds / 10);
  for (let round = 0; round < ahead + rounds; round++) {
    const first = round % names.length;
    const order = [...names.slice(first), ...names.slice(0, first)];
    for (const name of Math.floor(round / names.length) % 2 ? order : order.toReversed()) {
      const figure = await things[name]();
      if (round >= ahead) figures[name].push(figure);
    }
  }
  return figures;
}

/** The median of what one thing took more than another of the same round. */
export const medianDifference = (more: readonly number[], less: readonly number[]): number =>
  median(more.map((figure, round) => figure - (less[round] as number)));
