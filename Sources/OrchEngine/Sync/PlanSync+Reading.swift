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
  /// Whether some plan has an error, so that it is told again although nothing changed.
  var hasErrors = false
}

extension PlanSync {
  /// Reads what has changed since the last sync; everything else comes from the store.
  func read(known: [PlanFile]) async throws -> PlanReading {
    switch try await project.planSources() {
    case .workTree(let root): try readFiles(root: root, known: known)
    case .commit(let commit): try await readCommit(commit, known: known)
    }
  }

  private func readFiles(root: String, known: [PlanFile]) throws -> PlanReading {
    let directory = project.settings.plans.dir
    let listing = try PlanTree.scan(root: root, directory: directory)
    var reading = PlanReading()
    reading.problems = listing.problems.map(\.description)
    if !listing.exists {
      reading.problems.append("there is no directory \(directory); `claude-orch onboard` makes one")
    }
    let stamps = listing.files
    var cached: [Int: PlanFile] = [:]
    let byPath = Dictionary(known.map { ($0.path, $0) }) { first, _ in first }
    let stale = stamps.indices.filter { index in
      guard let file = byPath[stamps[index].path], PlanSync.isSame(file, stamps[index]) else { return true }
      cached[index] = file
      return false
    }
    let present = Set(stamps.map(\.path))
    for path in known.map(\.path) where !present.contains(path) {
      let isHidden = listing.problems.contains { path == $0.path || path.hasPrefix($0.path + "/") }
      if isHidden { reading.addUnreadable(path) } else { reading.removed.append(path) }
    }
    if stale.isEmpty && reading.removed.isEmpty && reading.unreadable.isEmpty && !known.contains(where: \.hasErrors) {
      return reading
    }
    let fresh = FileReader.readAll(stale.map { "\(root)/\(stamps[$0].path)" }, width: FileTree.processors) {
      position, bytes in
      bytes.map { bytes in
        PlanReader.read(PlanSource(path: stamps[stale[position]].path, bytes: bytes), root: directory)
      }
    }
    for (position, result) in fresh.enumerated() {
      let stamp = stamps[stale[position]]
      switch result {
      case .success(let unit): reading.add(unit, stamp)
      case .failure(let error):
        reading.problems.append(error.description)
        reading.addUnreadable(stamp.path)
      }
    }
    for (index, file) in cached {
      guard let unit = PlanUnit(encoded: file.unit) else {
        // Written by another version: read the file again.
        let bytes = try FileReader.read("\(root)/\(file.path)")
        reading.add(PlanReader.read(PlanSource(path: file.path, bytes: bytes), root: directory), stamps[index])
        continue
      }
      reading.units.append(unit)
      reading.hasErrors = reading.hasErrors || !unit.isSound
    }
    reading.units.sort { $0.path < $1.path }
    return reading
  }

  private func readCommit(_ commit: String, known: [PlanFile]) async throws -> PlanReading {
    let directory = project.settings.plans.dir
    var reading = PlanReading()
    var present: Set<String> = []
    let byPath = Dictionary(known.map { ($0.path, $0) }) { first, _ in first }
    for file in try await project.repository.files(under: directory, in: commit) where file.path.hasSuffix(".md") {
      present.insert(file.path)
      let stamp = FileStamp(file)
      if let old = byPath[file.path], PlanSync.isSame(old, stamp), let unit = PlanUnit(encoded: old.unit) {
        reading.units.append(unit)
        reading.hasErrors = reading.hasErrors || !unit.isSound
      } else {
        let bytes = try await project.repository.blob(file.blob)
        reading.add(PlanReader.read(PlanSource(path: file.path, bytes: bytes), root: directory), stamp)
      }
    }
    reading.removed = known.map(\.path).filter { !present.contains($0) }
    return reading
  }

  private static func isSame(_ file: PlanFile, _ stamp: FileStamp) -> Bool {
    file.inode == stamp.inode && file.size == stamp.size && file.modified == stamp.modified
  }
}

extension PlanReading {
  /// Forgets what the file was, so that it is read again as soon as that is possible.
  fileprivate mutating func addUnreadable(_ path: String) {
    unreadable.insert(path)
    changed.append(PlanFile(path: path, inode: 0, size: -1, modified: -1, hash: 1, unit: []))
  }

  fileprivate mutating func add(_ unit: PlanUnit, _ stamp: FileStamp) {
    units.append(unit)
    hasErrors = hasErrors || !unit.isSound
    changed.append(
      PlanFile(
        path: stamp.path, inode: stamp.inode, size: stamp.size, modified: stamp.modified,
        hash: unit.isSound ? 0 : 1, unit: unit.encoded()))
  }
}

extension PlanFile {
  /// Kept in the column that names the content: whether this plan has errors of its own.
  fileprivate var hasErrors: Bool { hash == 1 }
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
