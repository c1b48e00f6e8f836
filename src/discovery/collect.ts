import type { Clock } from '../support/index.js';

/** How long the slower ones are waited for once more than half have answered, in milliseconds. */
const GRACE_MS = 50;

/**
 * What was answered in time: waits for all, but, once more than half have answered, no longer than a short grace. A
 * hung node does not hold up what the others know. Failures count as having ended, not as answers.
 */
export function collect<T>(questions: ReadonlyArray<Promise<T>>, clock: Clock): Promise<readonly T[]> {
  return new Promise((resolve) => {
    const answers: T[] = [];
    let open = questions.length;
    if (open === 0) resolve(answers);
    const end = (): void => {
      open--;
      if (open === 0) resolve(answers);
      else if (answers.length * 2 > questions.length) clock.schedule(GRACE_MS, () => resolve(answers));
    };
    for (const question of questions) {
      question.then(
        (answer) => {
          answers.push(answer);
          end();
        },
        () => end(),
      );
    }
  });
}
