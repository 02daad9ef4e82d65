import CGit2
import OrchDomain

extension GitDatabase {
  /// A unified diff that `git apply` reads, at most `limit` bytes; a last line says so when something was left out.
  func patch(from: String?, to: String, limit: Int) throws(GitError) -> String {
    var out: [UInt8] = []
    var skipped = 0
    for change in try changes(from: from, to: to, renames: true) {
      guard out.count < limit else {
        skipped += 1
        continue
      }
      if try !append(change, to: &out, limit: limit) { skipped += 1 }
    }
    if skipped > 0 { out += Array("\(DiffLimits.marker) all or a part of \(skipped) files]\n".utf8) }
    return String(decoding: out, as: UTF8.self)
  }

  private func append(_ change: TreeChange, to out: inout [UInt8], limit: Int) throws(GitError) -> Bool {
    out += Array(header(change).utf8)
    if let old = change.old, let new = change.new, git_oid.same(old.oid, new.oid) { return true }
    let names =
      "--- \(change.old == nil ? "/dev/null" : quoted("a/" + change.oldPath))\n"
      + "+++ \(change.new == nil ? "/dev/null" : quoted("b/" + change.newPath))\n"
    if change.old?.mode == 0o160000 || change.new?.mode == 0o160000 {
      out += Array((names + submoduleLines(change)).utf8)
      return true
    }
    let pair = try BlobPair(change, in: self, limit: DiffLimits().bytesPerFile)
    guard pair.isText else {
      out += Array("Binary files differ\n".utf8)
      return true
    }
    let start = out.count
    out += Array(names.utf8)
    let end = out.count
    let complete = try pair.appendPatch(to: &out, limit: limit)
    if out.count == end { out.removeLast(end - start) }
    return complete
  }

  private func submoduleLines(_ change: TreeChange) -> String {
    let old = change.old.map { "-Subproject commit \($0.oid.hex)\n" } ?? ""
    let new = change.new.map { "+Subproject commit \($0.oid.hex)\n" } ?? ""
    return "@@ -\(change.old == nil ? "0,0" : "1") +\(change.new == nil ? "0,0" : "1") @@\n" + old + new
  }

  private func header(_ change: TreeChange) -> String {
    let old = change.old == nil ? change.newPath : change.oldPath
    let new = change.new == nil ? change.oldPath : change.newPath
    var text = "diff --git \(quoted("a/" + old)) \(quoted("b/" + new))\n"
    let zero = String(repeating: "0", count: 40)
    switch (change.old, change.new) {
    case (nil, let entry?): text += "new file mode \(octal(entry.mode))\n"
    case (let entry?, nil): text += "deleted file mode \(octal(entry.mode))\n"
    case (let a?, let b?) where a.mode != b.mode: text += "old mode \(octal(a.mode))\nnew mode \(octal(b.mode))\n"
    default: break
    }
    if change.kind == .renamed { text += "rename from \(quoted(old))\nrename to \(quoted(new))\n" }
    if let a = change.old, let b = change.new, git_oid.same(a.oid, b.oid) { return text }
    return text + "index \(change.old?.oid.hex ?? zero)..\(change.new?.oid.hex ?? zero)\n"
  }

  private func octal(_ mode: UInt32) -> String {
    let digits = String(mode, radix: 8)
    return String(repeating: "0", count: max(0, 6 - digits.count)) + digits
  }

  /// As git quotes a name that could break a line of the header.
  private func quoted(_ path: String) -> String {
    let special = { (byte: UInt8) in byte < 0x20 || byte == 0x22 || byte == 0x5C || byte == 0x7F }
    guard path.utf8.contains(where: special) else { return path }
    var text = "\""
    for scalar in path.unicodeScalars {
      switch scalar {
      case "\"", "\\": text += "\\" + String(scalar)
      case "\n": text += "\\n"
      case "\t": text += "\\t"
      case let c where c.value < 0x20 || c.value == 0x7F:
        let digits = String(c.value, radix: 8)
        text += "\\" + String(repeating: "0", count: 3 - digits.count) + digits
      default: text.unicodeScalars.append(scalar)
      }
    }
    return text + "\""
  }
}
