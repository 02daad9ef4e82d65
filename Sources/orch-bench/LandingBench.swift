import OrchDomain
import OrchGit
import OrchProcess

/// Lands branches one after the other as the lander does: merge in memory, commit, move the branch with every checkout
/// of it. Each landing is built on the one before. Gates, verdicts and the store are left out.
struct LandingBench {
  let repository: String
  let prefix: String

  func run() async throws {
    let open = Stopwatch()
    let options = GitOptions(
      environment: ["PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/nonexistent"], ownedDirectories: [])
    let repository = try await GitRepository.open(repository, options: options)
    let opened = open.milliseconds
    let branches = try await repository.refs(prefix: "refs/heads/\(prefix)")
    guard var base = try await repository.commitID(ofRef: "refs/heads/main") else { return print("no main") }
    let watch = Stopwatch()
    var landed = 0
    for branch in branches {
      guard case .clean(let tree) = try await repository.merge(ours: base, theirs: branch.commit) else { continue }
      let commit = try await repository.makeCommit(
        tree: tree, parents: [base, branch.commit], message: "Merge \(branch.name)", author: .orchestrator,
        at: Timestamp(milliseconds: 1_700_000_000_000))
      let moved = try await repository.advance(branch: "main", from: base, to: commit, message: "land \(branch.name)")
      guard case .moved = moved else { continue }
      base = commit
      landed += 1
    }
    print(Stopwatch.text(watch.milliseconds), landed, Stopwatch.text(opened))
  }
}
