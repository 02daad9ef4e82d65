import OrchConfig
package import OrchDomain
import OrchFiles
import OrchPlan
package import OrchStore

/// A sync without the repository, which is only needed to write statuses, to settle edits of them, and to read plans
/// from a commit: opening it starts git and loads libgit2, which costs more than to compile hundreds of plans.
package enum QuickSync {
  /// What a quick sync came to.
  package enum Outcome: Sendable {
    case done(PlanSync.Report)
    /// The repository is needed. What is in the report, if there is one, has been stored already.
    case needsRepository(PlanSync.Report?)
  }

  /// Compiles the plans of the checkout into the store, if the files alone say that it is they that count.
  package static func run(_ place: ProjectPlace, store: Store, row: ProjectID, at now: Timestamp) throws -> Outcome {
    try run(place, store: store, row: row, at: now) {
      try PlanReading(
        root: place.root, directory: place.loaded.settings.plans.dir, store: store, row: row, takesEdits: true)
    }
  }

  /// As ``run(_:store:row:at:)``, with a store that is opened for it.
  package static func run(_ place: ProjectPlace, at now: Timestamp) throws -> Outcome {
    try run(place, isFirst: !FileTree.exists(place.paths.database), at: now)
  }

  /// - Parameter isFirst: Whether there seems to be no database yet. Then it is made while the plans are read: to make
  ///   it is mostly waiting for the disk.
  static func run(_ place: ProjectPlace, isFirst: Bool, at now: Timestamp) throws -> Outcome {
    guard isFirst else {
      let (store, project) = try place.openStore(now: now, access: .brief)
      return try run(place, store: store, row: project.id, at: now)
    }
    let directory = place.loaded.settings.plans.dir
    let parts = Parallel.map(count: 2, width: 2) { index in
      index == 0
        ? FirstPart.store(Result { try place.openStore(now: now, access: .brief) })
        : .reading(Result { try PlanReading(root: place.root, directory: directory) })
    }
    guard case .store(let opened) = parts[0], case .reading(let reading) = parts[1] else {
      throw EngineError.unavailable("the plans were not read")
    }
    let (store, project) = try opened.get()
    // Somebody else may have made and filled it in the meantime.
    guard try store.planFiles(project.id, includingUnits: false).isEmpty else {
      return try run(place, store: store, row: project.id, at: now)
    }
    return try run(place, store: store, row: project.id, at: now) { try reading.get() }
  }

  private enum FirstPart: Sendable {
    case store(Result<(store: Store, project: Project), any Error>)
    case reading(Result<PlanReading, any Error>)
  }

  static func run(
    _ place: ProjectPlace, store: Store, row: ProjectID, at now: Timestamp, read: () throws -> PlanReading
  ) throws -> Outcome {
    guard try isOnBase(place) else { return .needsRepository(nil) }
    var reading = try read()
    var report = PlanSync.Report()
    report.problems = reading.problems
    if reading.isSettled {
      report.tasks = try store.counts(row).total
      return try outcome(report, store, row)
    }
    if let edits = reading.edits {
      let delta = try store.write(row) { tx throws(StoreError) in
        try PlanSync.store(edits: edits, reading, tx, at: now)
      }
      report.updated = delta.updated
      report.tasks = try store.counts(row).total
      return try outcome(report, store, row)
    }
    if readsTables(reading, place) { return .needsRepository(nil) }
    let compilation = PlanCompiler.link(reading.units)
    report.diagnostics = compilation.diagnostics
    report.tasks = compilation.tasks.count
    try PlanSync.store(compilation, &reading, at: now, into: &report) { body in
      // A result other than Void, because the compiler crashes on the thunk that it makes for Void here (6.3.1).
      _ = try store.write(row) { tx throws(StoreError) -> Bool in
        try body(tx)
        return true
      }
    }
    return try outcome(report, store, row)
  }

  /// Looks for statuses to settle last: a run beside this one may have taken the files over while they were read, and
  /// what it found in them is to be told here, too.
  private static func outcome(_ report: PlanSync.Report, _ store: Store, _ row: ProjectID) throws -> Outcome {
    let drift = try store.read(row) { tx throws(StoreError) in try tx.statusDrift() }
    return drift.isEmpty ? .done(report) : .needsRepository(report)
  }

  /// Whether the status of some plan may be in the table of a README.
  private static func readsTables(_ reading: PlanReading, _ place: ProjectPlace) -> Bool {
    reading.units.contains(where: \.isWithoutStatus)
      && place.overviewPaths.contains { FileTree.exists("\(place.root)/\($0)") }
  }

  /// Whether the main checkout stands on the base branch, by the rules of ``OpenProject/planSources()`` as far as they
  /// can be told from files; no in every case of doubt.
  private static func isOnBase(_ place: ProjectPlace) throws -> Bool {
    let git = "\(place.root)/.git"
    guard FileTree.exists("\(git)/HEAD"), let branch = try target(of: "\(git)/HEAD", below: "refs/heads/") else {
      return false
    }
    // The files of such a checkout are somewhere else.
    if mentionsWorktree(try FileReader.read("\(git)/config", limit: 1 << 20)) { return false }
    if let configured = place.loaded.settings.general.baseBranch { return branch == configured }
    let remote = "\(git)/refs/remotes/origin/HEAD"
    if FileTree.exists(remote) { return try target(of: remote, below: "refs/remotes/origin/") == branch }
    return branch == "main"
  }

  /// By bytes, because the search of strings makes types that are looked for among all conformances of the program.
  private static func mentionsWorktree(_ configuration: [UInt8]) -> Bool {
    let word = Array("worktree".utf8)
    return configuration.indices.contains { start in
      configuration[start...].prefix(word.count).elementsEqual(word) { $0 | 0x20 == $1 }
    }
  }

  /// The rest of the ref that a symbolic ref names.
  private static func target(of file: String, below prefix: String) throws -> String? {
    let text = String(decoding: try FileReader.read(file, limit: 4096), as: UTF8.self)
    guard text.hasPrefix("ref: \(prefix)"), text.hasSuffix("\n") else { return nil }
    return String(text.dropFirst(5 + prefix.count).dropLast())
  }
}

extension PlanSync.Report {
  /// What this sync and the one before it have done together.
  package func following(_ earlier: PlanSync.Report?) -> PlanSync.Report {
    guard let earlier else { return self }
    var both = self
    both.inserted = earlier.inserted + inserted
    both.updated = earlier.updated + updated
    both.removed = earlier.removed + removed
    // Errors are told at every sync, warnings only when they are found.
    if diagnostics.isEmpty { both.diagnostics = earlier.diagnostics }
    return both
  }
}
