import { basename } from "node:path";
import process from "node:process";
import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";
import { onInterrupt } from "../../embedded/local/interrupts.ts";
import type { Call } from "../cli.ts";
import { CliError } from "../errors.ts";
import { EXIT } from "../exit-codes.ts";
import { replaceKnown } from "../replace-file.ts";
import { servesAsBefore } from "./migration-failure.ts";

/** Another image in a stack's file, of which nobody knows yet whether it will run. */
export interface TriedEdit {
  /** The stack's file. */
  file: string;
  /** All that it says without the edit, and with it. */
  before: string;
  after: string;
  /** The images that these name. */
  from: string;
  to: string;
  /** Of the update, as far as it came; none before it begins. */
  events: readonly EngineEvent[];
}

/**
 * Does the work with the edit in the file. When it fails, or the process ends meanwhile, the file is put back, unless
 * part of what serves may run the other image by then.
 * @throws CliError when somebody else changed the file since it was read; nothing was done then
 */
export async function withEdit<T>(
  { say }: Pick<Call, "say">,
  edit: TriedEdit,
  work: () => Promise<T>,
): Promise<T> {
  const interrupt = onInterrupt((line) => say.print(line));
  const settle = () => say.print(settled(edit));
  let written = false;
  try {
    written = replaceKnown(edit.file, edit.before, edit.after);
    if (!written) throw changedMeanwhile(edit);
    // The second Ctrl-C ends the process where it is.
    process.once("exit", settle);
    return await work();
  } catch (error) {
    if (written) settle();
    throw error;
  } finally {
    process.off("exit", settle);
    interrupt.release();
  }
}

/** Puts the file back where that is right. @returns how it was left, for a person */
function settled({ file, before, after, from, to, events }: TriedEdit): string {
  const name = basename(file);
  if (!servesAsBefore(events)) {
    return `${name} says ${to} now, as part of what runs may: \`atticctl status\` tells which`;
  }
  const runs = "API and garbage collector run what they ran";
  if (replaceKnown(file, after, before)) return `${name} is as it was: ${runs}`;
  return `${name} was changed by somebody else meanwhile and is left as it is, but ${runs}: if its attic:image is ${to}, change that back to ${from} by hand before the next deployment`;
}

const changedMeanwhile = ({ file }: TriedEdit) =>
  new CliError(
    EXIT.failed,
    `${basename(file)} was changed by somebody else while this looked around; nothing was done, and it is left as it is`,
    "look at it, and roll back again",
  );
