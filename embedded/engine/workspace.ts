import { randomBytes } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { homedir, tmpdir } from "node:os";
import path from "node:path";
import { LocalWorkspace, PulumiCommand, type PulumiFn, Stack } from "@pulumi/pulumi/automation/index.js";
import { parseDocument } from "yaml";
import { EngineError } from "./errors.ts";
import type { Engine } from "./locate.ts";
import {
  encryptionSalt,
  hasOwnEncryption,
  SECRET_PLACEHOLDER,
  withoutSecrets,
  withSalt,
  withSettings,
} from "./stack-file.ts";

/**
 * Everything an engine keeps or reads lies in one directory of ours, so that no run touches the project's
 * files, the user's Pulumi login or anyone's shared state:
 *
 *     backend/      the state (a `file://` backend)
 *     home/         PULUMI_HOME
 *     workspace/    copies of Pulumi.yaml and the stack file: the engine writes to them
 *     bin/          first on the engine's PATH: the engine itself, stand-in providers, policy analyzer
 *     passphrase    encrypts the state's secrets; readable by its owner only
 */
export interface EngineDirectory {
  root: string;
  backend: string;
  home: string;
  workspace: string;
  bin: string;
  passphrase: string;
  /** Removed after one operation, with all that was in it. */
  throwAway: boolean;
}

/** Makes, or opens, the directory of a stack whose state is kept. */
export function keptDirectory(root: string): EngineDirectory {
  return prepare(path.resolve(root), false);
}

/** Makes a directory for one operation that leaves nothing behind. */
export function throwAwayDirectory(): EngineDirectory {
  const directory = prepare(mkdtempSync(path.join(tmpdir(), "attic-preview-")), true);
  process.once("exit", () => discard(directory));
  return directory;
}

/** Removes a throw-away directory; does nothing to one that is kept. */
export function discard(directory: EngineDirectory): void {
  if (directory.throwAway) {
    rmSync(directory.root, { recursive: true, force: true });
  }
}

function prepare(root: string, throwAway: boolean): EngineDirectory {
  const directory: EngineDirectory = {
    root,
    backend: path.join(root, "backend"),
    home: path.join(root, "home"),
    workspace: path.join(root, "workspace"),
    bin: path.join(root, "bin"),
    passphrase: path.join(root, "passphrase"),
    throwAway,
  };
  for (const each of [directory.backend, directory.home, directory.workspace, directory.bin]) {
    mkdirSync(each, { recursive: true });
  }
  // Provider plugins are large and may be there already: share them, but not the login beside them.
  const plugins = path.join(directory.home, "plugins");
  const shared = path.join(process.env.PULUMI_HOME || path.join(homedir(), ".pulumi"), "plugins");
  if (!existsSync(plugins) && existsSync(shared)) {
    symlinkSync(shared, plugins);
  }
  if (!existsSync(directory.passphrase)) {
    writeFileSync(directory.passphrase, randomBytes(24).toString("base64url"), { mode: 0o600 });
  }
  chmodSync(directory.passphrase, 0o600);
  return directory;
}

/**
 * Puts the engine where `PulumiCommand` looks for it.
 * @param bin the folder of the link
 */
export function linkEngine(bin: string, engine: Pick<Engine, "path">): void {
  const link = path.join(bin, "pulumi");
  // Found by way of the link, on a PATH that begins with its folder: it would come to lead to itself.
  if (path.resolve(engine.path) === path.resolve(link)) return;
  rmSync(link, { force: true });
  symlinkSync(engine.path, link);
}

export interface OpenStackOptions {
  engine: Engine;
  /** The folder with Pulumi.yaml and the stack files. Only read. */
  projectDir: string;
  stack: string;
  directory: EngineDirectory;
  program: PulumiFn;
  /** Settings by path, over those of the stack file; the file itself stays as it is. @default none */
  settings?: Readonly<Record<string, unknown>>;
  /** More environment for the engine, its providers and nothing else. */
  env?: Record<string, string>;
}

export interface OpenedStack {
  stack: Stack;
  /** Paths of encrypted config values that were replaced by {@link SECRET_PLACEHOLDER}. */
  withheld: string[];
}

/**
 * Opens a stack with a state of our own; creates it when it is not there.
 *
 * Encrypted (`secure:`) values of the stack file: with a kept state they are decrypted, which takes the
 * passphrase that wrote them in PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE. With a throw-away
 * state they are not needed: a placeholder stands in, marked secret.
 *
 * @throws EngineError of kind `config` when the stack file is missing, unreadable, or cannot be decrypted
 */
export async function openStack(options: OpenStackOptions): Promise<OpenedStack> {
  const { directory, engine } = options;
  const file = `Pulumi.${options.stack}.yaml`;
  const committed = readProjectFile(options.projectDir, file);
  const copy = path.join(directory.workspace, file);
  const prepared = directory.throwAway
    ? withoutSecrets(committed)
    : { text: withSalt(committed, keptSalt(copy)), withheld: [] };
  writeFileSync(path.join(directory.workspace, "Pulumi.yaml"), projectFile(options.projectDir));
  writeFileSync(copy, withSettings(prepared.text, options.settings ?? {}));

  linkEngine(directory.bin, engine);
  const workspace = await LocalWorkspace.create({
    workDir: directory.workspace,
    pulumiHome: directory.home,
    pulumiCommand: await PulumiCommand.get({ root: directory.root }),
    program: options.program,
    envVars: {
      PULUMI_BACKEND_URL: `file://${directory.backend}`,
      PULUMI_SKIP_UPDATE_CHECK: "true",
      // What is missing is said at once, instead of after a minute of retries.
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      // The state is rebuilt by `down` and `up`; nobody restores an older one.
      PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS: "true",
      ...passphrase(directory, committed, file),
      ...options.env,
    },
  });
  const stack = await Stack.createOrSelect(options.stack, workspace);
  if (prepared.withheld.length > 0) {
    const placeholder = { value: SECRET_PLACEHOLDER, secret: true };
    await stack.setAllConfig(Object.fromEntries(prepared.withheld.map((key) => [key, placeholder])), true);
  }
  return { stack, withheld: prepared.withheld };
}

function passphrase(directory: EngineDirectory, committed: string, file: string): Record<string, string> {
  if (directory.throwAway || !hasOwnEncryption(committed)) {
    // `undefined` takes the user's own variable, which would win, out of the engine's environment.
    const unset = undefined as unknown as string;
    return { PULUMI_CONFIG_PASSPHRASE: unset, PULUMI_CONFIG_PASSPHRASE_FILE: directory.passphrase };
  }
  const given = process.env.PULUMI_CONFIG_PASSPHRASE ?? process.env.PULUMI_CONFIG_PASSPHRASE_FILE;
  if (given === undefined && /^encryptionsalt:/m.test(committed)) {
    throw new EngineError("config", `${file} holds encrypted values and no passphrase was given`, {
      hint: "set PULUMI_CONFIG_PASSPHRASE_FILE to a file with the passphrase that encrypted them",
    });
  }
  return {};
}

/** The engine adds a salt to its copy of the stack file; a new one for each run would cost time. */
function keptSalt(copy: string): string | undefined {
  return existsSync(copy) ? encryptionSalt(readFileSync(copy, "utf8")) : undefined;
}

/** Pulumi.yaml without a backend: the state is ours, whatever the project uses elsewhere. */
function projectFile(projectDir: string): string {
  const document = parseDocument(readProjectFile(projectDir, "Pulumi.yaml"));
  document.delete("backend");
  return document.toString();
}

function readProjectFile(projectDir: string, name: string): string {
  const file = path.join(projectDir, name);
  if (!existsSync(file)) {
    throw new EngineError("config", `${file} does not exist`);
  }
  return readFileSync(file, "utf8");
}
