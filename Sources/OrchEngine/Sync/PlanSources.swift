import OrchConfig
import OrchDomain
import OrchFiles
import OrchGit
package import OrchPlan
import OrchStore

/// Where the plans are read from.
package enum PlanSources {
  /// The files below a checkout.
  case workTree(root: String)
  /// A commit: in a bare repository, and while another branch is checked out.
  case commit(String)
}

/// The plans as they are read, with what could not be read.
package struct PlanFolder: Sendable {
  package var units: [PlanUnit]
  /// For people, one line each.
  package var problems: [String]

  static func missing(_ directory: String, in root: String) -> String {
    "there is no directory \(directory) in \(root); `claude-orch onboard` makes one, and [plans] dir names another"
  }
}

extension OpenProject {
  /// Plans count as they are on the base branch: in the checkout when it has that branch and is not a sparse one
  /// without them, else at its commit.
  func planSources() async throws -> PlanSources {
    guard let workTree = repository.location.workTree else { return .commit(try await baseCommit()) }
    switch try await repository.head() {
    case .branch(let name, let tip?) where name == baseBranch && repository.isSparse:
      let isLeftOut = !FileTree.exists("\(workTree)/\(settings.plans.dir)")
      return isLeftOut ? .commit(tip) : .workTree(root: workTree)
    case .branch(let name, _) where name == baseBranch: return .workTree(root: workTree)
    case .branch(_, nil): return .workTree(root: workTree)
    case .branch, .detached:
      let hasBase = try await repository.commitID(ofRef: baseRef) != nil
      return hasBase ? .commit(try await baseCommit()) : .workTree(root: workTree)
    }
  }

  /// The plan of a task as it was compiled.
  func planBytes(_ task: StoredTask) async throws -> [UInt8] {
    switch try await planSources() {
    case .workTree(let root):
      let path = "\(root)/\(task.plan.path)"
      return try await repository.undisturbed { try FileTree.read(path) }
    case .commit(let commit):
      guard let bytes = try await repository.planFile(task.plan.path, in: commit) else {
        throw EngineError.unavailable("\(task.plan.path) is not in commit \(commit.prefix(12)) of '\(baseBranch)'")
      }
      return bytes
    }
  }

  /// A file of the project, from where the plans are read; nil when there is none.
  func projectFile(_ path: String) async throws -> [UInt8]? {
    switch try await planSources() {
    case .workTree(let root):
      try await repository.undisturbed {
        FileTree.exists("\(root)/\(path)") ? try FileTree.read("\(root)/\(path)") : nil
      }
    case .commit(let commit): try await repository.planFile(path, in: commit)
    }
  }

  /// The overview of a module; empty when it has none.
  func overviewBytes(_ module: String) async throws -> [UInt8] {
    for name in ["00-overview.md", "README.md"] {
      if let bytes = try await projectFile("\(settings.plans.dir)/\(module)/\(name)") { return bytes }
    }
    return []
  }
}

/// Compiles plans without a store: what `check` does.
package enum PlanCheck {
  /// Reads every plan below `directory` of `root`, on all processors.
  package static func read(root: String, directory: String) throws -> PlanFolder {
    let listing = try PlanTree.scan(root: root, directory: directory)
    var problems = listing.problems.map(\.description)
    if !listing.exists { problems.append(PlanFolder.missing(directory, in: root)) }
    let paths = listing.files.map(\.path)
    let read = FileReader.readAll(paths.map { "\(root)/\($0)" }, width: FileTree.processors) { index, bytes in
      bytes.map { PlanReader.read(PlanSource(path: paths[index], bytes: $0), root: directory) }
    }
    var units: [PlanUnit] = []
    units.reserveCapacity(read.count)
    for result in read {
      switch result {
      case .success(let unit): units.append(unit)
      case .failure(let error): problems.append(error.description)
      }
    }
    return PlanFolder(units: units, problems: problems)
  }
}
