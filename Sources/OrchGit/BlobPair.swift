import CGit2
import OrchDomain

/// The two versions of one file.
///
/// Whether a file is text is decided by its bytes alone. The attributes of the repository are not asked: with
/// `*.swift -diff` a branch could hide its changes from the review of that same branch.
@safe struct BlobPair: ~Copyable {
  let isText: Bool
  private let old: GitHandle?
  private let new: GitHandle?

  init(_ change: TreeChange, in database: borrowing GitDatabase, limit: Int) throws(GitError) {
    var isSmall = true
    for entry in [change.old, change.new] {
      if let entry, try database.size(ofBlob: entry.oid) > limit { isSmall = false }
    }
    let old = try Self.blob(isSmall ? change.old : nil, in: database)
    let new = try Self.blob(isSmall ? change.new : nil, in: database)
    isText = isSmall && !Self.hasNUL(unsafe pointer(of: old)) && !Self.hasNUL(unsafe pointer(of: new))
    self.old = old
    self.new = new
  }

  private static func blob(_ entry: TreeEntry?, in database: borrowing GitDatabase) throws(GitError) -> GitHandle? {
    guard let entry else { return nil }
    return try database.blob(entry.oid)
  }

  /// git's own rule: a NUL among the first 8,000 bytes.
  @safe private static func hasNUL(_ blob: OpaquePointer?) -> Bool {
    guard let blob = unsafe blob, let start = unsafe orch_git_blob_rawcontent(blob) else { return false }
    let size = unsafe Int(orch_git_blob_rawsize(blob))
    return unsafe UnsafeRawBufferPointer(start: start, count: min(size, 8000)).contains(0)
  }

  @safe private static func bytes(_ blob: OpaquePointer?) -> [UInt8] {
    guard let blob = unsafe blob, let start = unsafe orch_git_blob_rawcontent(blob) else { return [] }
    return unsafe Array(UnsafeRawBufferPointer(start: start, count: Int(orch_git_blob_rawsize(blob))))
  }

  private func patch() throws(GitError) -> GitHandle {
    let from = unsafe pointer(of: old)
    let to = unsafe pointer(of: new)
    return try GitHandle("git_patch_from_blobs", release: { unsafe orch_git_patch_free($0) }) {
      unsafe orch_git_text_patch(&$0, from, to, 3)
    }
  }

  /// At most `limit` lines; the rest is one marker line.
  func hunks(limit: Int) throws(GitError) -> [FileDiff.Hunk] {
    var hunks: [FileDiff.Hunk] = []
    var shown = 0
    var hidden = 0
    let blocks = EnclosingBlocks(Self.bytes(unsafe pointer(of: old)))
    try visit { start in
      guard shown < limit else { return }
      hunks.append(
        FileDiff.Hunk(oldStart: start.old, newStart: start.new, lines: [], enclosing: blocks.headings(at: start.old)))
    } line: { line in
      guard let origin = line.origin else { return }
      guard shown < limit, !hunks.isEmpty else {
        hidden += 1
        return
      }
      shown += 1
      hunks[hunks.count - 1].lines.append(
        FileDiff.Line(
          origin, newLine: origin == .removed ? nil : line.newNumber, String(decoding: line.bytes, as: UTF8.self)))
    }
    if hidden > 0 {
      let marker = FileDiff.Line(.context, newLine: nil, "\(DiffLimits.marker) \(hidden) more lines of this file]")
      if hunks.isEmpty { hunks.append(FileDiff.Hunk(oldStart: 0, newStart: 0, lines: [])) }
      hunks[hunks.count - 1].lines.append(marker)
    }
    return hunks
  }

  /// Appends the hunks as unified diff until `out` holds `limit` bytes. False when something was left out.
  func appendPatch(to out: inout [UInt8], limit: Int) throws(GitError) -> Bool {
    var complete = true
    try visit { start in
      if out.count < limit { out += Array(start.header) } else { complete = false }
    } line: { line in
      guard out.count + line.bytes.count + 1 <= limit else {
        complete = false
        return
      }
      switch line.origin {
      case .context: out.append(UInt8(ascii: " "))
      case .added: out.append(UInt8(ascii: "+"))
      case .removed: out.append(UInt8(ascii: "-"))
      case nil:
        out += Array("\\ No newline at end of file\n".utf8)
        return
      }
      out += line.bytes
      // A last line without a line feed is followed by libgit2's own note, which brings one.
      out.append(0x0A)
    }
    return complete
  }

  private struct Start {
    var old: Int
    var new: Int
    var header: [UInt8]
  }

  fileprivate struct PatchLine {
    /// Nil for the note that a file has no line feed at its end.
    var origin: FileDiff.Line.Origin?
    var newNumber: Int
    var bytes: [UInt8]
  }

  private func visit(hunk: (Start) -> Void, line: (PatchLine) -> Void) throws(GitError) {
    let patch = try patch()
    for h in 0..<(unsafe orch_git_patch_num_hunks(patch.pointer)) {
      var header: UnsafePointer<git_diff_hunk>?
      var count = 0
      try git("git_patch_get_hunk") { unsafe orch_git_patch_get_hunk(&header, &count, patch.pointer, h) }
      guard let header = unsafe header?.pointee else { continue }
      let o = (start: Int(header.old_start), count: Int(header.old_lines))
      let n = (start: Int(header.new_start), count: Int(header.new_lines))
      let text = "@@ -\(BlobPair.range(o.start, o.count)) +\(BlobPair.range(n.start, n.count)) @@\n"
      hunk(Start(old: o.start, new: n.start, header: Array(text.utf8)))
      for l in 0..<count {
        var found: UnsafePointer<git_diff_line>?
        try git("git_patch_get_line_in_hunk") {
          unsafe orch_git_patch_get_line_in_hunk(&found, patch.pointer, h, l)
        }
        if let found = unsafe found?.pointee { unsafe line(PatchLine(found)) }
      }
    }
  }

  private static func range(_ start: Int, _ count: Int) -> String { count == 1 ? "\(start)" : "\(start),\(count)" }
}

extension BlobPair.PatchLine {
  fileprivate init(_ line: git_diff_line) {
    switch unsafe UInt8(bitPattern: line.origin) {
    case UInt8(ascii: " "): origin = .context
    case UInt8(ascii: "+"): origin = .added
    case UInt8(ascii: "-"): origin = .removed
    default: origin = nil
    }
    newNumber = unsafe Int(line.new_lineno)
    let content = unsafe UnsafeRawBufferPointer(start: line.content, count: line.content_len)
    bytes = unsafe content.last == 0x0A ? Array(content.dropLast()) : Array(content)
  }
}
