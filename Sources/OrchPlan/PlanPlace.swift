import OrchDomain

/// What the path of a file says about it.
struct PlanPlace {
  /// Where the file lies.
  enum Site: Hashable {
    /// Not below the root of the plans.
    case outside
    /// Directly in the root.
    case root
    /// In or below the directory of a module.
    case module(String)
  }

  let site: Site
  let isMarkdown: Bool
  /// Whether the file describes its module.
  let isOverview: Bool
  let name: PlanName?

  init(path: String, root: String) {
    // By bytes, which path and root must share; characters cost more than all else that a file's name is asked.
    let slash = UInt8(ascii: "/")
    let trimmed = Array(root.utf8.last == slash ? root.utf8.dropLast() : root.utf8[...])
    var below = Array(path.utf8)[...]
    if !trimmed.isEmpty, !trimmed.elementsEqual(".".utf8) {
      let isBelow = below.starts(with: trimmed) && below.dropFirst(trimmed.count).first == slash
      below = isBelow ? below.dropFirst(trimmed.count + 1) : below.prefix(0)
    }
    let parts = below.split(separator: slash)
    let file = parts.last.map { String(decoding: $0, as: UTF8.self) } ?? ""
    isMarkdown = file.utf8.suffix(3).elementsEqual(".md".utf8)
    switch parts.count {
    case 0: site = .outside
    case 1: site = .root
    default: site = .module(String(decoding: parts[0], as: UTF8.self))
    }
    isOverview = parts.count == 2 && (file == "README.md" || file == "00-overview.md")
    if case .module(let module) = site {
      name = PlanName(file, in: module)
    } else {
      name = site == .root ? PlanName(file, in: nil) : nil
    }
  }

  /// The directory's name, valid or not.
  var directory: String? {
    if case .module(let name) = site { name } else { nil }
  }
}
