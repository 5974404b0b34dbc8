/** Whether nightshift itself writes a file or folder of an experiment, so that its change is no news. `path` is relative. */
export function isOwnFile(path: string): boolean {
  return ownFiles.test(path);
}

const ownFiles = /^(?:\.nightshift|analysis)(?:\/|$)|^(?:eval_jobs\.json|summary\.md)$|^(?:logs\/)?(?:(?:run-(?:experiment|torchtune|inspect)|(?:summarize|analyze)-experiment)\.log)$|(?:^|\/)\.nightshift-[^/]*\.tmp$/u;
