import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import * as pulumi from "@pulumi/pulumi";

/** A Pulumi project without cloud resources, in a folder of its own. */
export interface TinyProject {
  projectDir: string;
  stateDir: string;
  logDir: string;
  /** Every file of the project's folder with its content. */
  files(): Record<string, string>;
  remove(): void;
}

/** Makes a project with the stacks `tiny` and `encrypted`. */
export function tinyProject(): TinyProject {
  const root = mkdtempSync(path.join(tmpdir(), "attic-engine-test-"));
  const projectDir = path.join(root, "project");
  mkdirSync(projectDir);
  writeFileSync(path.join(projectDir, "Pulumi.yaml"), "name: tiny\nruntime: nodejs\n");
  writeFileSync(path.join(projectDir, "Pulumi.tiny.yaml"), "config:\n  tiny:word: hello # a comment\n");
  writeFileSync(
    path.join(projectDir, "Pulumi.encrypted.yaml"),
    "encryptionsalt: v1:of-someone:else\nconfig:\n  tiny:word: hello\n  tiny:password:\n    secure: v1:aaaa\n",
  );
  return {
    projectDir,
    stateDir: path.join(root, "state"),
    logDir: path.join(root, "logs"),
    files: () =>
      Object.fromEntries(
        readdirSync(projectDir).map((name) => [name, readFileSync(path.join(projectDir, name), "utf8")]),
      ),
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

class Box extends pulumi.ComponentResource {
  readonly word: pulumi.Output<unknown>;

  constructor(name: string, word: string) {
    super("tiny:index:Box", name);
    this.word = new pulumi.Stash("word", { input: word }, { parent: this }).output;
    this.registerOutputs({ word: this.word });
  }
}

/** Stashes the configured word in a component. */
export async function tinyProgram(): Promise<Record<string, unknown>> {
  const config = new pulumi.Config("tiny");
  const box = new Box("box", config.require("word"));
  return { word: box.word, whole: pulumi.runtime.allConfig(), hidden: pulumi.secret("behind the curtain") };
}
