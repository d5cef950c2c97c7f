import { ToolchainError } from "./errors.ts";

interface Failure {
  readonly pattern: RegExp;
  readonly explain: (match: RegExpExecArray, what: string) => ToolchainError;
}

/** The failures of a `go` command that people meet, in the order they are looked for. */
const failures: readonly Failure[] = [
  {
    pattern: /requires go >= (\S+) \(running go ([^;)\s]+)/,
    explain: ([, needed = "?", found = "?"], what) => goTooOld(what, needed, found),
  },
  {
    pattern:
      /(?:toolchain not available|golang\.org\/toolchain@|invalid GOTOOLCHAIN|cannot find "go[\d.]+" in PATH).*/,
    explain: ([line], what) =>
      new ToolchainError(
        `${what}: Go wants another version of itself and cannot have it: ${tidy(line)}`,
        "Install the Go version that go.mod names, or let Go download it with GOTOOLCHAIN=auto.",
      ),
  },
  {
    pattern: /no space left on device/,
    explain: (_, what) =>
      new ToolchainError(
        `${what}: the disk is full.`,
        "Free some space, or point GOCACHE, GOMODCACHE and XDG_CACHE_HOME at a larger disk, then run it again: it goes on where it stopped.",
      ),
  },
  {
    pattern: /(?:checksum mismatch|SECURITY ERROR|missing go\.sum entry)[^\n]*/,
    explain: ([line], what) =>
      new ToolchainError(
        `${what}: a downloaded module is not the one go.sum names: ${tidy(line)}`,
        "Nothing of it was used. Find out what changed the module between here and its source before going on.",
      ),
  },
  {
    pattern: /(\S+@v\S+?):? (?:reading|verifying module:|Get) [^\n]*?(\d{3} [A-Z][A-Za-z ]+)/,
    explain: ([, module, status], what) =>
      new ToolchainError(
        `${what}: the module ${tidy(module)} was refused: ${tidy(status)}`,
        "Check GOPROXY (`go env GOPROXY`): it has to serve this exact version.",
      ),
  },
  {
    pattern:
      /[^\n]*(?:no such host|dial tcp|i\/o timeout|proxyconnect|connection refused|TLS handshake|module lookup disabled)[^\n]*/,
    explain: ([line], what) =>
      new ToolchainError(
        `${what}: a module cannot be downloaded: ${tidy(line)}`,
        "Check the network and GOPROXY (`go env GOPROXY`), then run it again: it goes on where it stopped.",
      ),
  },
  {
    pattern: /(\S*(?:compile|link)): signal: killed/,
    explain: (_, what) =>
      new ToolchainError(
        `${what}: the compiler was killed, most likely for want of memory.`,
        "Give the machine 4 GiB or more, or build with fewer compilers at once: GOFLAGS=-p=1.",
      ),
  },
];

/** The error for a Go older than what is needed. Versions are bare, like "1.26.4". */
export function goTooOld(what: string, needed: string, found: string): ToolchainError {
  return new ToolchainError(
    `${what}: Go ${needed} or later is needed; this is Go ${found}.`,
    "Install a newer Go (https://go.dev/doc/install), or let Go download it with GOTOOLCHAIN=auto.",
  );
}

/** The error for a machine without Go. */
export function goMissing(what: string): ToolchainError {
  return new ToolchainError(
    `${what}: Go is not installed (there is no \`go\` on PATH).`,
    "Install Go 1.26 or later: https://go.dev/doc/install",
  );
}

/**
 * Turns what a failed `go` command printed into one clear error.
 *
 * @param what what was being done, to begin the message with ("Building the control plane")
 * @param output everything it printed
 */
export function explainGoFailure(what: string, output: string): ToolchainError {
  for (const { pattern, explain } of failures) {
    const match = pattern.exec(output);
    if (match) return explain(match, what);
  }
  const lines = output
    .split("\n")
    .filter((line) => line.trim() !== "" && !line.startsWith("go: downloading"));
  const end = lines
    .slice(-4)
    .map((line) => tidy(line))
    .join(" | ");
  return new ToolchainError(
    `${what}: go failed: ${end || "it printed nothing"}`,
    "Read the lines above; `go build` in the same directory repeats it.",
  );
}

/** One line, without the user name and password a proxy's address may carry. */
function tidy(line: string | undefined): string {
  return (line ?? "")
    .replaceAll(/\/\/[^/@\s]+@/g, "//")
    .trim()
    .slice(0, 400);
}
