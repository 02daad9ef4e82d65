import OrchConfig
import OrchDomain
import OrchFiles
import OrchProcess
import OrchStore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

extension ProjectView {
  /// What worktrees take and may take. Reads sizes that were measured earlier: no walk over files.
  package func diskBudget() throws -> DiskBudget {
    let settings = place.loaded.settings.worktree
    let sizes =
      settings.diskQuota == nil
      ? [:] : try store.read(row) { tx throws(StoreError) in try tx.worktreeSizes() }
    return DiskBudget(
      used: ByteCount(sizes.values.reduce(0) { $0 + $1.bytes }),
      free: settings.minFreeDisk == nil ? nil : FileTree.freeSpace(place.paths.worktrees),
      quota: settings.diskQuota, minimumFree: settings.minFreeDisk)
  }
}

extension FileTree {
  /// What is free for us on the disk of `path`, or of the nearest directory above it that exists.
  static func freeSpace(_ path: String) -> ByteCount? {
    var path = path
    while !exists(path), let slash = path.lastIndex(of: "/"), slash > path.startIndex { path = String(path[..<slash]) }
    var status = statvfs()
    guard statvfs(path, &status) == 0 else { return nil }
    let (bytes, overflow) = UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize))
    return ByteCount(overflow ? .max : Int64(clamping: bytes))
  }

  /// Why nothing can be written to a directory, as far as its file system tells; nil when nothing is in the way.
  static func obstacle(toWritingIn path: String) -> String? {
    var status = statvfs()
    guard statvfs(path, &status) == 0 else { return "\(path) cannot be reached" }
    if UInt(status.f_flag) & UInt(ST_RDONLY) != 0 { return "\(path) is on a file system that is mounted read-only" }
    // What a few transactions and their log need.
    guard let free = freeSpace(path), free < ByteCount(4_000_000) else { return nil }
    return "only \(free.shown) are free at \(path)"
  }
}

/// Measures worktrees for ``DiskBudget``: those that are new, and those in which somebody works.
struct WorktreeMeasure: Sendable {
  let project: OpenProject

  /// - Parameter busy: Worktrees that have changed since they were measured.
  func run(busy: Set<String>) async throws {
    let directory = project.paths.worktrees
    // Names of ours that begin with a point are small notes, and what is being removed is about to be gone.
    let present = Set(try FileTree.names(in: directory).filter { !$0.hasPrefix(".") }.map { "\(directory)/\($0)" })
    let known = try project.store.read(project.row) { tx throws(StoreError) in try tx.worktreeSizes() }
    var sizes: [String: ByteCount] = [:]
    for path in present.sorted() where known[path] == nil || busy.contains(path) {
      if let size = try await Self.size(of: path) { sizes[path] = size }
    }
    let (measured, now) = (sizes, project.clock.now())
    _ = try project.store.write(project.row) { tx throws(StoreError) -> Bool in
      try tx.setWorktreeSizes(measured, keeping: present, at: now)
      return true
    }
  }

  /// By a program of its own, so that a walk over gigabytes holds nothing up. Nil when it gave no answer.
  static func size(of path: String) async throws -> ByteCount? {
    let result = try await CommandRunner().run(
      Command(
        executable: "du", arguments: ["-skx", "--", path], environment: ["LC_ALL": "C", "PATH": "/usr/bin:/bin"],
        timeout: .seconds(600), outputLimit: 1 << 16))
    // Files that vanish meanwhile make it complain, and its answer is good all the same.
    return Int64(result.text.prefix { $0.isNumber }).map { ByteCount($0 * 1024) }
  }
}
