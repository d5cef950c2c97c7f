/**
 * A fault of the machine or the network that keeps a tool from being built or had. The `message` is one
 * line saying what is wrong and where; the `hint` is one line saying what to do about it.
 */
export class ToolchainError extends Error {
  override readonly name = "ToolchainError";
  readonly hint: string;

  constructor(message: string, hint: string, options?: ErrorOptions) {
    super(message, options);
    this.hint = hint;
  }
}
