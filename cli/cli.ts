import type { Command } from "commander";
import { Screen } from "../embedded/local/terminal/screen.ts";
import { EXIT } from "./exit-codes.ts";
import { type OpenedStack, openStack, type StackOptions } from "./stack.ts";
import type { World } from "./world.ts";

/** The options that every command has. */
export interface GlobalOptions extends StackOptions {
  /** Results as JSON. */
  json?: boolean;
}

/** One run of one command. */
export interface Call<Options = object> {
  world: World;
  options: Options & GlobalOptions;
  /** Results, on standard output. */
  out: Screen;
  /** Everything else, on standard error. */
  say: Screen;
  /** Opens the stack that the options choose. */
  open(): Promise<OpenedStack>;
  /** Prints the result: one JSON value with `--json`, else these lines. */
  print(value: unknown, lines: () => string[]): void;
}

/** What a command does. Resolves to its exit code, 0 unless told. */
export type Handler<Options, Arguments extends unknown[]> = (
  call: Call<Options>,
  ...args: Arguments
) => Promise<number> | Promise<void>;

/** What the commands of one run share. */
export class Cli {
  readonly world: World;
  readonly say: Screen;
  /** Of the command that ran. */
  exitCode: number = EXIT.done;

  constructor(world: World) {
    this.world = world;
    this.say = new Screen(world.stderr, world.env);
  }

  /** An action for commander, which hands over the arguments, the options and the command. */
  action<Options = object, Arguments extends unknown[] = []>(handler: Handler<Options, Arguments>) {
    return async (...given: unknown[]): Promise<void> => {
      const options = (given.at(-1) as Command).optsWithGlobals<Options & GlobalOptions>();
      this.exitCode = (await handler(this.call(options), ...(given.slice(0, -2) as Arguments))) ?? EXIT.done;
    };
  }

  private call<Options>(options: Options & GlobalOptions): Call<Options> {
    const out = new Screen(this.world.stdout, this.world.env);
    return {
      world: this.world,
      options,
      out,
      say: this.say,
      open: () => openStack(this.world, options),
      print: (value, lines) => out.print(...(options.json ? [JSON.stringify(value, null, 2)] : lines())),
    };
  }
}
