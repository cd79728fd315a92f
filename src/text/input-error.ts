/**
 * The user's input or call cannot be used: exit status 2. The message says what is wrong, the hint
 * what to do instead. Everything else that is thrown is a bug of nixgen: exit status 3.
 */
export class InputError extends Error {
  override readonly name = "InputError";

  constructor(
    message: string,
    readonly hint?: string,
  ) {
    super(message);
  }
}
