import { isSpace } from '../_space.ts';

/** Gathers words while text is read: unquoted white space ends one, and no word is empty. */
export class Words {
  readonly #words: string[] = [];
  #word = '';

  /** Text in which white space separates. */
  add(text: string): void {
    for (const character of text) {
      if (isSpace(character)) this.#end();
      else this.#word += character;
    }
  }

  /** Text of which all belongs to one word. */
  addRaw(text: string): void {
    this.#word += text;
  }

  finish(): readonly string[] {
    this.#end();
    return this.#words;
  }

  #end(): void {
    if (this.#word === '') return;
    this.#words.push(this.#word);
    this.#word = '';
  }
}
