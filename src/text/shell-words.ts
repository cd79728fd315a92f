/** A command that is written as one text, taken apart as Compose does it. */

/** What Compose neither gives to a shell nor keeps. */
const OPERATORS: ReadonlySet<string> = new Set([";", "&", "|", "<", ">", "(", ")", "`"]);

/** The words of a command, or what is wrong with it as a text that follows "…: ". */
export function shellWords(text: string): string[] | string {
  const words: string[] = [];
  let word: string | undefined;
  let quote: string | undefined;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at] ?? "";
    if (char === "\\" && quote !== "'") {
      at += 1;
      if (at === text.length) return "it ends in a backslash";
      word = (word ?? "") + (text[at] ?? "");
    } else if (quote !== undefined) {
      if (char === quote) quote = undefined;
      else word = (word ?? "") + char;
    } else if (char === "'" || char === '"') {
      quote = char;
      word ??= "";
    } else if (/[ \t\r\n]/.test(char)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (OPERATORS.has(char)) {
      return `no shell reads it, so ${char} means nothing`;
    } else {
      word = (word ?? "") + char;
    }
  }
  if (quote !== undefined) return `the quote ${quote} is not closed`;
  return word === undefined ? words : [...words, word];
}
