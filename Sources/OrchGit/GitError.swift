import OrchDomain

/// Why git work was not done. Nothing has changed in the repository unless the case says so.
package enum GitError: Error, Hashable {
  case gitMissing(searchPath: String)
  case gitTooOld(found: String)
  case libraryUnavailable(String)
  case notARepository(path: String)
  case unsafeOwner(path: String)
  case unsupportedObjectFormat(String, path: String)
  case unsupportedRefFormat(String, path: String)
  /// `core.worktree` or a forged `.git` leads to files that do not belong to the repository.
  case redirectedWorkTree(gitDirectory: String, workTree: String)
  /// `core.bare` is set where there is a checkout.
  case bareCheckout(gitDirectory: String)
  case unknownRevision(String)
  case noSuchFile(path: String, commit: String)
  case notAFastForward(branch: String, from: String, to: String)
  case unrelatedHistories(String, String)
  /// Somebody else moved the ref first.
  case raced(ref: String, actual: String?)
  case badPath(String)
  case badName(String)
  /// The branch exists, and its commits are reachable from no other ref that we keep.
  case branchHoldsWork(branch: String, tip: String)
  case branchCheckedOut(branch: String, path: String)
  /// git keeps refs as files, so none can be below another one.
  case nameTaken(ref: String, by: String)
  /// The path is outside the directories in which we may create and remove worktrees.
  case notOurDirectory(path: String)
  case noSuchWorktree(path: String)
  /// Removing it would lose something.
  case notPreserved(what: String, reason: String)
  case lockHeld(file: String)
  case cancelled
  case command(arguments: [String], status: String, message: String)
  case library(function: String, code: Int32, message: String)
  case file(operation: String, path: String, errno: Int32)
}

extension GitError: CustomStringConvertible {
  /// What happened, where, and what to do about it.
  package var description: String {
    switch self {
    case .gitMissing, .gitTooOld, .libraryUnavailable, .notARepository, .unsafeOwner, .unsupportedObjectFormat,
      .unsupportedRefFormat, .redirectedWorkTree, .bareCheckout:
      openingText
    case .unknownRevision(let name): "'\(shown(name))' is not a commit of this repository"
    case .noSuchFile(let path, let commit): "commit \(commit.prefix(12)) has no file '\(shown(path))'"
    case .notAFastForward(let branch, let from, let to):
      "'\(shown(branch))' cannot go from \(from.prefix(12)) to \(to.prefix(12)): that would drop commits"
    case .unrelatedHistories(let a, let b): "\(a.prefix(12)) and \(b.prefix(12)) have no common ancestor to merge from"
    case .raced(let ref, let actual):
      "'\(shown(ref))' was changed by somebody else and is now "
        + "\(actual.map { String($0.prefix(12)) } ?? "gone"); try again"
    case .badPath(let path): "'\(shown(path))' is not a path that a repository may contain"
    case .badName(let name): "'\(shown(name))' is not a valid name for a branch or ref"
    case .branchHoldsWork(let branch, let tip):
      "branch '\(shown(branch))' already exists with work that is kept nowhere else (\(tip.prefix(12))); "
        + "rename it with: git branch -m \(shown(branch)) NEW-NAME"
    case .branchCheckedOut(let branch, let path): "branch '\(shown(branch))' is checked out in \(shown(path))"
    case .nameTaken(let ref, let other):
      "'\(shown(ref))' cannot be made while there is '\(shown(other))'; rename that one, such as with: "
        + "git branch -m \(shown(CheckoutReader.branchName(other))) NEW-NAME"
    case .notOurDirectory(let path): "\(shown(path)) is not below the directory of our worktrees, so it is left alone"
    case .noSuchWorktree(let path):
      "\(shown(path)) is gone, or not a worktree of this repository any more; its commits are on its branch, and a "
        + "`retry` of the task begins with a new one"
    case .notPreserved(let what, let reason): "\(shown(what)) is kept, because \(shown(reason))"
    case .lockHeld(let file):
      "another git process holds \(shown(file)); if none is running, it crashed: remove that file and try again"
    case .cancelled: "the git operation was cancelled"
    case .command(let arguments, let status, let message):
      "git \(SafeText.line(arguments.joined(separator: " "), limit: 200)) \(status): "
        + SafeText.line(message, limit: 500)
    case .library(_, -3, let message):
      "this repository lacks an object (\(shown(message))); where it is a partial clone, this brings what it has left "
        + "out: git fetch --refetch --no-filter"
    case .library(let function, let code, let message): "\(function) failed (\(code)): \(shown(message))"
    case .file(let operation, let path, let errno): "cannot \(operation) \(shown(path)): \(Posix.message(errno))"
    }
  }

  private var openingText: String {
    switch self {
    case .gitMissing(let path): "no git program in PATH (\(shown(path))); install git \(GitVersion.minimum) or newer"
    case .gitTooOld(let found): "\(shown(found)) is too old; install git \(GitVersion.minimum) or newer"
    case .libraryUnavailable(let text): text
    case .notARepository(let path):
      "\(shown(path)) is not inside a git repository; run 'git init' there, or name another directory with --project"
    case .unsafeOwner(let path):
      "the repository at \(shown(path)) belongs to another user; if you trust it, run: "
        + "git config --global --add safe.directory '\(shown(path))'"
    case .unsupportedObjectFormat(let format, let path):
      "the repository at \(shown(path)) uses \(shown(format)) object names; only sha1 repositories are supported"
    case .unsupportedRefFormat(let format, let path):
      "the repository at \(shown(path)) stores its refs as '\(shown(format))'; only the 'files' format is supported. "
        + "Convert it with: git refs migrate --ref-format=files"
    case .redirectedWorkTree(let gitDirectory, let workTree):
      "the configuration of \(shown(gitDirectory)) puts its files at \(shown(workTree)), whose .git does not lead "
        + "back; remove core.worktree from that configuration, or repair the link"
    case .bareCheckout(let path):
      "core.bare is true in \(shown(path))/config, but there is a checkout; run: git config core.bare false, or, if it "
        + "is meant to be bare, remove \(shown(path))/index"
    default: ""
    }
  }

  private func shown(_ text: String) -> String { SafeText.line(text, limit: 300) }
}
