import { RunError } from "@pulumi/pulumi";
import { ConcurrentUpdateError, StackNotFoundError } from "@pulumi/pulumi/automation/index.js";
import { EngineError } from "./errors.ts";
import { type Diagnostic, nameOf, type Operation, typeOf } from "./events.ts";

/** What is known after an operation that did not succeed. */
export interface FailureFacts {
  operation: Operation;
  /** The stack's name. */
  stack?: string;
  /** What the Automation API threw. */
  error?: Error;
  /** What the program threw, if it did. */
  thrown: unknown;
  interrupted: boolean;
  expectNoChanges: boolean;
  /** The engine's own last words, for when nothing else is known. */
  stderr: string;
  logPath: string;
  projectDir: string;
}

/** Turns a failed operation into one error that says what a person needs, and no more. */
export function describeFailure(facts: FailureFacts): EngineError {
  const { operation, logPath } = facts;
  if (facts.thrown !== undefined) {
    // The program throws a RunError where a person is to change something: its configuration.
    const kind = RunError.isInstance(facts.thrown) ? "config" : "program";
    return new EngineError(kind, programMessage(facts.thrown, facts.projectDir), {
      logPath,
      cause: facts.thrown,
    });
  }
  if (facts.interrupted) {
    return new EngineError("interrupted", "interrupted: what was done so far is kept", { logPath });
  }
  if (facts.error instanceof StackNotFoundError) {
    return new EngineError("missing", `Pulumi knows no stack ${facts.stack}`, {
      hint: `make it, once: pulumi stack init ${facts.stack}`,
      logPath,
    });
  }
  if (facts.error instanceof ConcurrentUpdateError) {
    return new EngineError("locked", `another update of stack ${facts.stack} is going on`, {
      hint: `wait for it to end; when it is gone for good: pulumi cancel --stack ${facts.stack}`,
      logPath,
    });
  }
  const refused = operation.diagnostics.filter((each) => each.severity === "policy");
  if (refused.length > 0) {
    return new EngineError("policy", section("policies refuse", refused), { logPath });
  }
  const errors = causes(operation.diagnostics.filter((each) => each.severity === "error"));
  if (facts.expectNoChanges && errors.length === 0 && /no changes were expected/i.test(facts.stderr)) {
    return new EngineError("changes", "no changes were expected, and there are some", { logPath });
  }
  const ofResources = errors.filter((each) => each.urn !== "" && !isStack(each.urn));
  if (ofResources.length > 0) {
    return new EngineError("resources", section("resources failed", ofResources), { logPath });
  }
  if (errors.length > 0) {
    return new EngineError("resources", errors.map((each) => each.message).join("\n"), { logPath });
  }
  const words = lastWords(facts.stderr);
  if (words === undefined) {
    return new EngineError("resources", "the engine ended in the middle of its work, without a word", {
      hint: "the same command again repairs what it left unfinished",
      logPath,
    });
  }
  return new EngineError("setup", words, { logPath });
}

/**
 * A message without Node's stack. Errors that are meant for people (they have a name of their own) say all;
 * for a slip in the program, such as a TypeError, the place in our own files helps.
 *
 * @param projectDir the folder of our own files
 */
export function programMessage(thrown: unknown, projectDir: string): string {
  if (!(thrown instanceof Error)) {
    return String(thrown);
  }
  const slips = [TypeError, ReferenceError, RangeError, SyntaxError];
  if (!slips.some((slip) => thrown instanceof slip)) {
    return thrown.message;
  }
  const frame = (thrown.stack ?? "")
    .split("\n")
    .find((line) => line.includes(`${projectDir}/`) && !line.includes("node_modules"));
  const where = frame === undefined ? "" : `\n  ${frame.trim().replaceAll(`file://${projectDir}/`, "")}`;
  return `${thrown.name}: ${thrown.message}${where}`;
}

/** What an update that follows a plan says of each resource that it did not come to. */
const NOT_REACHED = /^expected resource operations for \S+ but none were seen$/;

/** Without what only follows from the others; all of them where they are the whole story. */
function causes(errors: Diagnostic[]): Diagnostic[] {
  const own = errors.filter(({ message }) => !NOT_REACHED.test(message));
  return own.length > 0 ? own : errors;
}

function section(title: string, diagnostics: Diagnostic[]): string {
  const lines = [`${title}:`];
  for (const { urn, message } of dedupe(diagnostics)) {
    const about = urn === "" || isStack(urn) ? "the stack" : `${typeOf(urn)} ${nameOf(urn)}`;
    lines.push(`  ${about}`, ...message.split("\n").map((line) => `    ${line}`));
  }
  return lines.join("\n");
}

function dedupe(diagnostics: Diagnostic[]): Diagnostic[] {
  const seen = new Set<string>();
  return diagnostics.filter(({ urn, message }) => {
    const key = `${urn}\n${message}`;
    return seen.has(key) ? false : seen.add(key);
  });
}

function isStack(urn: string): boolean {
  return typeOf(urn) === "pulumi:pulumi:Stack";
}

/**
 * What the engine wrote to standard error, as the Automation API reports it: "code: 255\n stdout: …\n stderr: …".
 * The code -2 means that the engine did not end by itself.
 */
function lastWords(report: string): string | undefined {
  const [, stderr = ""] = /(?:^|\n)\s*stderr: ?(.*)$/s.exec(report) ?? [
    "",
    report.startsWith("code:") ? "" : report,
  ];
  const lines = stderr.split("\n").filter((line) => line.trim() !== "" && !line.startsWith("err?:"));
  if (lines.length === 0 || /^\s*Command (was killed|failed)/.test(lines[0] ?? "")) {
    return undefined;
  }
  return lines.slice(-6).join("\n");
}
