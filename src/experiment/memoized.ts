/** Makes a pure function remember its answer for as long as its first argument, an object, is in use elsewhere. */
export function memoized<Key extends object, Rest extends readonly string[], Answer>(
  compute: (key: Key, ...rest: Rest) => Answer,
): (key: Key, ...rest: Rest) => Answer {
  const answers = new WeakMap<Key, Map<string, Answer>>();
  return (key, ...rest) => {
    const ofKey = answers.get(key) ?? new Map<string, Answer>();
    answers.set(key, ofKey);
    const name = JSON.stringify(rest);
    const known = ofKey.get(name);
    if (known !== undefined) return known;
    const answer = compute(key, ...rest);
    ofKey.set(name, answer);
    return answer;
  };
}
