import type { Readable, Writable } from "node:stream";
import { describe, expect, test } from "vitest";
import { execute } from "../../../../cli/cluster/execute.ts";

const asked = {
  stack: "test",
  context: "eks",
  server: "https://10.0.0.1",
  source: "$KUBECONFIG",
  embedded: false,
};
const execution = {
  namespace: "nix-cache",
  pod: "attic-pg-1",
  container: "postgres",
  command: ["psql", "-c", "x"],
};

type Executor = Parameters<typeof execute>[0];

/** Stands in for the library: what a command writes, and how its connection ends. */
function executor(
  run: (streams: {
    stdout: Writable;
    stderr: Writable;
    stdin: Readable | null;
    end: (status: object) => void;
    close: () => void;
  }) => void,
  closed = () => {},
): Executor {
  return {
    exec: (async (
      _namespace: string,
      _pod: string,
      _container: string,
      _command: string[],
      stdout: Writable,
      stderr: Writable,
      stdin: Readable | null,
      _tty: boolean,
      end: (status: object) => void,
    ) => {
      let close = () => {};
      setImmediate(() => run({ stdout, stderr, stdin, end, close: () => close() }));
      return {
        addEventListener: (_: string, listener: () => void) => {
          close = listener;
        },
        close: closed,
      };
    }) as unknown as Executor["exec"],
  };
}

const refusing = (error: unknown): Executor => ({ exec: () => Promise.reject(error) });

describe("a command in a container", () => {
  test("has its output, and exit code 0", async () => {
    const fake = executor(({ stdout, stderr, end }) => {
      stdout.write(Buffer.from("ü").subarray(0, 1));
      stdout.write(Buffer.from("ü").subarray(1));
      stderr.write("note");
      end({ status: "Success" });
    });
    expect(await execute(fake, asked, execution)).toEqual({ code: 0, stdout: "ü", stderr: "note" });
  });

  test("has its own exit code when it fails", async () => {
    const causes = [{ reason: "ExitCode", message: "3" }];
    const fake = executor(({ end }) =>
      end({ status: "Failure", reason: "NonZeroExitCode", details: { causes } }),
    );
    expect((await execute(fake, asked, execution)).code).toBe(3);
  });

  test("is given what it reads", async () => {
    const fake = executor(async ({ stdin, stdout, end }) => {
      for await (const chunk of stdin as Readable) stdout.write(chunk);
      end({ status: "Success" });
    });
    expect((await execute(fake, asked, { ...execution, stdin: "select 1" })).stdout).toBe("select 1");
  });

  test("that the connection breaks off is no success", async () => {
    const fake = executor(({ close }) => close());
    await expect(execute(fake, asked, execution)).rejects.toMatchObject({
      problem: "unreachable",
      message: "run psql in attic-pg-1: the connection to https://10.0.0.1 broke before the command ended",
    });
  });

  test("that does not end in time is given up, and its connection closed", async () => {
    let closed = 0;
    const fake = executor(
      () => {},
      () => {
        closed += 1;
      },
    );
    await expect(execute(fake, asked, { ...execution, timeout: 0.02 })).rejects.toMatchObject({
      problem: "unanswered",
      message: "run psql in attic-pg-1: container postgres did not answer within 0.02 s",
      hint: expect.stringContaining("kubectl -n nix-cache logs attic-pg-1 -c postgres"),
    });
    expect(closed).toBe(1);
  });

  test("that is not even begun in time is given up, and not let run on when it is", async () => {
    const opened = Promise.withResolvers<unknown>();
    const fake = { exec: () => opened.promise } as unknown as Executor;
    await expect(execute(fake, asked, { ...execution, timeout: 0.02 })).rejects.toMatchObject({
      problem: "unanswered",
    });
    const closed = new Promise<void>((close) => opened.resolve({ close }));
    await closed;
  });

  test("that cannot be started says why", async () => {
    const fake = executor(({ end }) =>
      end({ status: "Failure", reason: "InternalError", message: "no such program" }),
    );
    await expect(execute(fake, asked, execution)).rejects.toMatchObject({
      problem: "refused",
      message: expect.stringMatching(/no such program/),
    });
  });

  test.each([
    ["403", "forbidden", /cannot create pods\/exec in namespace nix-cache/],
    ["404", "notFound", /there is no Pod attic-pg-1/],
    ["401", "credentials", /does not accept the credentials/],
  ])("that the API server refuses with %s", async (status, problem, said) => {
    const fake = refusing({ message: `Unexpected server response: ${status}` });
    await expect(execute(fake, asked, execution)).rejects.toMatchObject({
      problem,
      message: expect.stringMatching(said),
    });
  });

  test("without a server", async () => {
    const fake = refusing({ message: "connect ECONNREFUSED", error: new Error("connect ECONNREFUSED") });
    await expect(execute(fake, asked, execution)).rejects.toMatchObject({ problem: "unreachable" });
  });
});
