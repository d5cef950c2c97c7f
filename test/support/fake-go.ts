import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { vi } from "vitest";

/** A temporary place with a Go module in it, a cache of its own, and a `go` that is a shell script. */
export interface FakeGo {
  readonly dir: string;
  readonly moduleDir: string;
  readonly cache: string;
  /** Replaces the `go` on PATH. The script gets go's arguments; `$GO_LOG` is a file to write to. */
  install(script: string): Promise<void>;
  /** Takes `go` off PATH. */
  uninstall(): Promise<void>;
  remove(): Promise<void>;
}

/** What `go env -json` answers on a machine where all is well; `version` is like "go1.26.8". */
export function goEnv(dir: string, version = "go1.26.8"): string {
  const environment = {
    GOVERSION: version,
    GOOS: "linux",
    GOARCH: "amd64",
    GOCACHE: join(dir, "gocache"),
    GOMODCACHE: join(dir, "gomodcache"),
  };
  return `if [ "$1" = env ]; then cat <<'JSON'\n${JSON.stringify(environment)}\nJSON\nexit 0; fi`;
}

/** A script line that writes to standard error and fails, as `go` does. */
export function goFails(message: string): string {
  return `cat >&2 <<'MESSAGE'\n${message}\nMESSAGE\nexit 1`;
}

/** A `go` that builds: two packages are stale and one is built; the "binary" says which build it is of. */
export const goBuilds = `
if [ "$1" = list ]; then printf 'built fmt\\nstale example.com/lib\\nstale example.com/main\\n'; exit 0; fi
if [ "$1" = build ]; then
  echo "$$" >> "$GO_LOG"
  while [ "$1" != -o ]; do shift; done
  echo 'example.com/lib' >&2
  sleep "\${GO_SLEEP:-0}"
  echo 'example.com/main' >&2
  echo "built by $$" > "$2"
  exit 0
fi
exit 9`;

export async function fakeGo(): Promise<FakeGo> {
  const dir = await mkdtemp(join(tmpdir(), "attic-fake-go-"));
  const [bin, moduleDir, cache] = [join(dir, "bin"), join(dir, "module"), join(dir, "cache")];
  await Promise.all([bin, moduleDir, cache].map((path) => mkdir(path)));
  await writeFile(join(moduleDir, "go.mod"), "module example.com/main\n\ngo 1.26.4\n");
  await writeFile(join(moduleDir, "go.sum"), "");
  await writeFile(join(moduleDir, "main.go"), "package main\n");
  vi.stubEnv("PATH", `${bin}${delimiter}/usr/bin${delimiter}/bin`);
  vi.stubEnv("XDG_CACHE_HOME", cache);
  vi.stubEnv("GO_LOG", join(dir, "go.log"));
  const go = join(bin, "go");
  return {
    dir,
    moduleDir,
    cache,
    async install(script) {
      await writeFile(go, `#!/bin/sh\n${script}\n`);
      await chmod(go, 0o755);
    },
    uninstall: () => rm(go, { force: true }),
    async remove() {
      vi.unstubAllEnvs();
      await rm(dir, { recursive: true });
    },
  };
}
