/// One git repository: the only one in the program who changes its refs and worktrees.
///
/// Objects and refs are read in process; everything that has to do with working files, locks or other people's
/// checkouts is left to the git program, always started in the hardened way of ``GitHardening``. Changes are made one
/// after the other, and a change that has begun is finished also when the caller is cancelled.
package actor GitRepository {
  /// Where the path that was opened led to.
  package nonisolated let location: RepositoryLocation
  /// Filters that only the repository's own configuration defines. They do not run; `git lfs install` and the like,
  /// done globally, makes one trusted.
  package nonisolated let disabledFilters: [String]

  nonisolated let runner: GitRunner
  nonisolated let initialBranch: String?
  nonisolated let ignoresCase: Bool
  /// Whether checkouts may lack files of their commits.
  package nonisolated let isSparse: Bool
  private nonisolated let turnstile: Turnstile
  let database: GitDatabase
  /// The git process that moved a branch last, kept for the next time.
  var transactions: RefTransactions?

  /// Opens the repository that `path` is in: any directory of a checkout or linked worktree, or a bare repository.
  package static func open(_ path: String, options: GitOptions) async throws(GitError) -> GitRepository {
    let runner = try await GitRunner(options: options)
    let discovery = try await RepositoryDiscovery(path, runner: runner)
    let database = try GitDatabase(commonDirectory: discovery.location.commonDirectory)
    return GitRepository(discovery, runner: runner, database: database)
  }

  private init(_ discovery: RepositoryDiscovery, runner: GitRunner, database: consuming sending GitDatabase) {
    location = discovery.location
    disabledFilters = discovery.configuration.disabledFilters
    initialBranch = discovery.configuration.last("init.defaultbranch")
    ignoresCase = discovery.configuration.isTrue("core.ignorecase")
    isSparse = discovery.configuration.isTrue("core.sparsecheckout")
    turnstile = Turnstile.of(discovery.location.commonDirectory)
    self.runner = runner
    self.database = database
  }

  /// Where commands work that concern the whole repository.
  nonisolated var place: GitPlace {
    GitPlace(
      gitDirectory: location.gitDirectory, commonDirectory: location.commonDirectory, workTree: location.workTree)
  }

  /// Runs `body` while this process changes no ref and no checkout: a file that is being replaced is gone for an
  /// instant, and a reader must not take that for its absence.
  package func undisturbed<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    let result = try await exclusively { _ throws(GitError) -> Swift.Result<Value, any Error> in
      Swift.Result { try body() }
    }
    return try result.get()
  }

  /// Runs `change` when every change before it is done, and to its end even when the caller is cancelled: half a
  /// change is worse than a late one.
  func exclusively<Result: Sendable>(
    _ change: @escaping @Sendable (isolated GitRepository) async throws(GitError) -> Result
  ) async throws(GitError) -> Result {
    if Task.isCancelled { throw .cancelled }
    await turnstile.enter()
    defer { turnstile.leave() }
    if Task.isCancelled { throw .cancelled }
    let work = Task { () async -> Swift.Result<Result, GitError> in
      do throws(GitError) {
        return .success(try await change(self))
      } catch {
        return .failure(error)
      }
    }
    return try await work.value.get()
  }
}
