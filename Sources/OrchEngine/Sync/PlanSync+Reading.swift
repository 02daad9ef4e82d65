import OrchConfig
import OrchDomain
import OrchFiles
import OrchGit
import OrchPlan
import OrchStore

/// The plans of one sync: all units, and which of them are new to the store.
struct PlanReading: Sendable {
  var units: [PlanUnit] = []
  var changed: [PlanFile] = []
  var removed: [String] = []
  var problems: [String] = []
  /// Files that are there but could not be read: their tasks stay, and are not started.
  var unreadable: Set<String> = []
  /// The new readings of edited plans, when they concern nothing but themselves; ``units`` is then empty.
  var edits: [PlanUnit]?
  /// Whether some plan has an error, of its own or with others, so that it is told again although nothing changed.
  var hasErrors = false

  /// Plans with errors of their own.
  private(set) var broken: Set<String> = []
  /// How many plans have no status of their own.
  private(set) var withoutStatus = 0

  /// Gives the units back when they are linked: with them, storing ten thousand plans would need a fifth more memory.
  mutating func dropUnits() { units = [] }

  /// Whether there is nothing to store and nothing to tell.
  var isSettled: Bool { changed.isEmpty && removed.isEmpty && unreadable.isEmpty && !hasErrors }
}

extension PlanSync {
  /// Reads what has changed since the last sync; everything else comes from the store.
  func read() async throws -> PlanReading {
    switch try await project.planSources() {
    case .workTree(let root):
      try PlanReading(
        root: root, directory: project.settings.plans.dir, store: project.store, row: project.row,
        gitDirectory: project.repository.location.commonDirectory)
    case .commit(let commit): try await readCommit(commit, known: try project.store.planFiles(project.row))
    }
  }

  private func readCommit(_ commit: String, known: [PlanFile]) async throws -> PlanReading {
    let directory = project.settings.plans.dir
    var reading = PlanReading()
    var present: Set<String> = []
    let byPath = Dictionary(known.map { ($0.path, $0) }) { first, _ in first }
    for file in try await project.repository.planFiles(below: directory, in: commit) {
      present.insert(file.path)
      let stamp = FileStamp(file)
      if let old = byPath[file.path], old.isSame(as: stamp), let unit = PlanUnit(encoded: old.unit) {
        reading.add(unit)
      } else {
        let bytes = try await project.repository.blob(file.blob)
        reading.add(PlanReader.read(PlanSource(path: file.path, bytes: bytes), root: directory), stamp)
      }
    }
    reading.removed = known.map(\.path).filter { !present.contains($0) }
    let hasUnsound = try project.store.read(project.row) { tx throws(StoreError) in try tx.hasUnsoundTasks() }
    reading.hasErrors = reading.hasErrors || hasUnsound
    return reading
  }
}

extension PlanReading {
  /// The plans below a checkout.
  ///
  /// - Parameters:
  ///   - takesEdits: Whether the caller can do with ``edits``.
  ///   - gitDirectory: Of the repository, when it may be elsewhere than in its checkout.
  init(
    root: String, directory: String, store: Store, row: ProjectID, takesEdits: Bool = false,
    gitDirectory: String? = nil
  ) throws {
    // While a run moves this checkout to a new base, git removes files for an instant to write them anew; a plan that
    // is missing then has not been deleted.
    let quiet = ReadGuard("\(gitDirectory ?? "\(root)/.git")/orch-advance.lock")
    defer { withExtendedLifetime(quiet) {} }
    let listing = try list(root: root, directory: directory)
    // What the compiler made of the files is most of the table, and seldom needed.
    let stamps = try store.planFiles(row, includingUnits: false)
    let hasUnsound = try store.read(row) { tx throws(StoreError) in try tx.hasUnsoundTasks() }
    if PlanReading.isUnchanged(listing.files, stamps), !hasUnsound { return }
    if takesEdits, !hasUnsound, problems.isEmpty,
      let edits = try PlanReading.edits(
        of: listing.files, stamps: stamps, root: root, directory: directory, store: store, row: row)
    {
      for (unit, stamp) in edits { changed.append(PlanReading.file(unit, stamp, encoded: unit.encoded())) }
      self.edits = edits.map(\.unit)
      return
    }
    hasErrors = hasUnsound
    let known = try store.planFiles(row)
    let present = Set(listing.files.map(\.path))
    for path in known.map(\.path) where !present.contains(path) {
      let isHidden = listing.problems.contains { path == $0.path || path.hasPrefix($0.path + "/") }
      if isHidden { addUnreadable(path) } else { removed.append(path) }
    }
    add(PlanReading.units(of: listing.files, root: root, directory: directory, known: known))
    units.sort { $0.path < $1.path }
  }

  /// The plans below a checkout, for a store that knows none.
  init(root: String, directory: String) throws {
    let quiet = ReadGuard("\(root)/.git/orch-advance.lock")
    defer { withExtendedLifetime(quiet) {} }
    let listing = try list(root: root, directory: directory)
    add(PlanReading.units(of: listing.files, root: root, directory: directory, known: []))
    units.sort { $0.path < $1.path }
  }

  private mutating func list(root: String, directory: String) throws -> PlanTree.Listing {
    let began = FileStamp.moment()
    var listing = try PlanTree.scan(root: root, directory: directory)
    // As git does with entries that are younger than its index: they are read once more.
    for index in listing.files.indices where !listing.files[index].isSettled(at: began) {
      listing.files[index].changed = -1
    }
    problems = listing.problems.map(\.description)
    if !listing.exists { problems.append(PlanFolder.missing(directory, in: root)) }
    return listing
  }

  /// Whether the files are those of the last sync, and none of them had errors, which would have to be told again.
  private static func isUnchanged(_ files: [FileStamp], _ known: [PlanFile]) -> Bool {
    // Both in the order of paths; should the two orders ever differ, the files are compared one by one.
    files.count == known.count
      && zip(files, known).allSatisfy { $0.path == $1.path && $1.isSame(as: $0) && !$1.hasErrors }
  }

  /// Reads what was edited, when the last compilation left no loose ends and the edits make none: then all else is as
  /// it was, and need not be decoded, linked and compared.
  private static func edits(
    of files: [FileStamp], stamps: [PlanFile], root: String, directory: String, store: Store, row: ProjectID
  ) throws -> [(unit: PlanUnit, stamp: FileStamp)]? {
    guard files.count == stamps.count, zip(files, stamps).allSatisfy({ $0.path == $1.path }) else { return nil }
    let edited = zip(files, stamps).filter { !$1.isSame(as: $0) }.map(\.0)
    // With many, reading on all processors is worth more.
    guard edited.count <= 64 else { return nil }
    return try store.read(row) { tx in
      guard try tx.looseEnds() == 0 else { return nil }
      var found: [(unit: PlanUnit, stamp: FileStamp)] = []
      for stamp in edited {
        guard let known = try tx.planFile(stamp.path), let old = PlanUnit(encoded: known.unit),
          // Because what cannot be read now is for the long way to tell.
          let bytes = try? FileReader.read("\(root)/\(stamp.path)")
        else { return nil }
        let new = PlanReader.read(PlanSource(path: stamp.path, bytes: bytes), root: directory)
        guard old.linksLike(new), !new.isWithoutStatus else { return nil }
        found.append((new, stamp))
      }
      return found
    }
  }

  /// In boxes, because what many threads have read is moved several times, and a unit is large.
  private indirect enum Read: Sendable {
    case known(PlanUnit)
    case new(PlanUnit, FileStamp, encoded: [UInt8])
    case failed(FileError, FileStamp)
  }

  /// Takes units from the store or reads the files, on all processors.
  private static func units(
    of files: [FileStamp], root: String, directory: String, known: [PlanFile]
  ) -> [Read] {
    let byPath = Dictionary(known.map { ($0.path, $0) }) { first, _ in first }
    return Parallel.map(count: files.count, width: FileTree.processors) { index in
      let stamp = files[index]
      // A unit that another version has written is read again.
      if let file = byPath[stamp.path], file.isSame(as: stamp), let unit = PlanUnit(encoded: file.unit) {
        return .known(unit)
      }
      do throws(FileError) {
        let bytes = try FileReader.read("\(root)/\(stamp.path)")
        let unit = PlanReader.read(PlanSource(path: stamp.path, bytes: bytes), root: directory)
        return .new(unit, stamp, encoded: unit.encoded())
      } catch {
        return .failed(error, stamp)
      }
    }
  }

  private mutating func add(_ results: [Read]) {
    units.reserveCapacity(results.count)
    for result in results {
      switch result {
      case .known(let unit): add(unit)
      case .new(let unit, let stamp, let encoded): add(unit, stamp, encoded: encoded)
      case .failed(let error, let stamp):
        problems.append(error.description)
        addUnreadable(stamp.path)
      }
    }
  }

  /// Forgets what the file was, so that it is read again as soon as that is possible.
  private mutating func addUnreadable(_ path: String) {
    unreadable.insert(path)
    changed.append(PlanFile(path: path, inode: 0, size: -1, modified: -1, hash: 1, unit: []))
  }

  fileprivate mutating func add(_ unit: PlanUnit) {
    units.append(unit)
    if !unit.isSound {
      hasErrors = true
      broken.insert(unit.path)
    }
    if unit.isWithoutStatus { withoutStatus += 1 }
  }

  private mutating func add(_ unit: PlanUnit, _ stamp: FileStamp, encoded: [UInt8]) {
    add(unit)
    changed.append(PlanReading.file(unit, stamp, encoded: encoded))
  }

  private static func file(_ unit: PlanUnit, _ stamp: FileStamp, encoded: [UInt8]) -> PlanFile {
    PlanFile(
      path: stamp.path, inode: stamp.inode, size: stamp.size, modified: stamp.changed, hash: unit.isSound ? 0 : 1,
      unit: encoded)
  }

  fileprivate mutating func add(_ unit: PlanUnit, _ stamp: FileStamp) { add(unit, stamp, encoded: unit.encoded()) }
}

extension PlanUnit {
  /// Whether the status of the task can only be in a table.
  var isWithoutStatus: Bool { task != nil && statusRange == nil }
}

extension PlanFile {
  /// Kept in the column that names the content: whether this plan has errors of its own.
  fileprivate var hasErrors: Bool { hash == 1 }

  fileprivate func isSame(as stamp: FileStamp) -> Bool {
    inode == stamp.inode && size == stamp.size && modified == stamp.changed && modified != -1
  }
}

extension FileStamp {
  /// A file of a commit: its blob stands for inode and time, which git does not have.
  fileprivate init(_ file: TreeFile) {
    let digits = Array(file.blob.utf8)
    let value = { (part: ArraySlice<UInt8>) in UInt64(String(decoding: part, as: UTF8.self), radix: 16) ?? 0 }
    self.init(
      path: file.path, inode: value(digits.prefix(16)), size: -1,
      modified: Int64(bitPattern: value(digits.dropFirst(16).prefix(16))))
  }
}
