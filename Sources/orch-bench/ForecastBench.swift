import OrchDomain
import OrchGit

/// The forecast of conflicts at its worst: branches that all edit one line of one file, so that every pair is merged.
struct ForecastBench {
  let repository: String
  let branches: Int

  /// Prints milliseconds for all pairs, the conflicts among them, and the median for one new commit.
  func run() async throws {
    let options = GitOptions(
      environment: ["PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/nonexistent"], ownedDirectories: [])
    let repository = try await GitRepository.open(repository, options: options)
    guard let base = try await repository.commitID(ofRef: "refs/heads/main"),
      let file = try await repository.files(under: "", in: base).first?.path
    else { return print("no main") }
    func commit(_ text: String, on parent: String) async throws -> String {
      let tree = try await repository.tree(of: parent, replacing: [file: Array("\(text)\n".utf8)])
      return try await repository.makeCommit(
        tree: tree, parents: [parent], message: text, author: .orchestrator,
        at: Timestamp(milliseconds: 1_700_000_000_000))
    }
    var heads: [String] = []
    for number in 0..<branches { heads.append(try await commit("branch \(number)", on: base)) }
    var matrix = ConflictMatrix()
    let cold = Stopwatch()
    let found = try await matrix.update(heads, base: base, in: repository, limit: .max)
    let all = cold.milliseconds
    var times: [Double] = []
    for number in heads.indices {
      heads[number] = try await commit("branch \(number), again", on: heads[number])
      let watch = Stopwatch()
      _ = try await matrix.update(heads, base: base, in: repository, limit: .max)
      times.append(watch.milliseconds)
    }
    print(Stopwatch.text(all), found.count, Stopwatch.text(times.sorted()[times.count / 2]))
  }
}
