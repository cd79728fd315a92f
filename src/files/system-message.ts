/** The operating system's own words for an error, without node's code and call. */
export function systemMessage(error: unknown): string {
  if (!(error instanceof Error && "code" in error)) throw error;
  return error.message.replace(/^[A-Z0-9]+: /, "").replace(/, [a-z]+(?: '.*')?$/s, "");
}
