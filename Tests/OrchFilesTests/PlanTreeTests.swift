import OrchRandom
import Testing

@testable import OrchFiles

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

@Suite("Listing the plans")
struct PlanTreeTests {
  private let scratch: ScratchDirectory

  init() throws { scratch = try ScratchDirectory() }

  private func scan(_ directory: String = "docs/plans", limits: PlanTree.Limits = .init()) throws -> PlanTree.Listing {
    try PlanTree.scan(root: scratch.path, directory: directory, limits: limits)
  }

  @Test("Markdown files are listed with their stamps, sorted by path, at any depth")
  func files() throws {
    for name in ["b/epic-02-x.md", "b/epic-01-x.md", "a/deep/er/epic-1-y.md", "README.md", "b/notes.txt", ".git/x.md"] {
      try scratch.write("docs/plans/" + name, name)
    }
    try scratch.write("docs/plans/.hidden.md")
    try scratch.write("docs/plans/b/.md")
    let found = try scan()
    let paths = ["README.md", "a/deep/er/epic-1-y.md", "b/epic-01-x.md", "b/epic-02-x.md"].map { "docs/plans/" + $0 }
    #expect(found.files.map(\.path) == paths)
    #expect(found.problems.isEmpty)
    for file in found.files {
      #expect(try FileStamp(of: file.path, in: scratch.path) == file)
      #expect(file.size == Int64(file.path.utf8.count - "docs/plans/".utf8.count))
    }
  }

  @Test("A missing directory is said, a missing project is thrown")
  func missing() throws {
    #expect(try scan().exists == false)
    try scratch.write("docs/plans", "a file")
    let listing = try scan()
    #expect(listing.problems.map(\.kind) == [.unreadable])
    #expect(throws: FileError.self) { try PlanTree.scan(root: scratch["nothing"], directory: "x") }
  }

  @Test("Pipes, sockets and directories with the name of a plan are reported and never opened")
  func notFiles() throws {
    try scratch.write("docs/plans/m/epic-01-a.md")
    #expect(mkfifo(scratch["docs/plans/m/epic-02-pipe.md"], 0o600) == 0)
    #expect(mkfifo(scratch["docs/plans/m/other"], 0o600) == 0)
    try makeSocket(scratch["docs/plans/m/epic-03-s.md"])
    try DirectoryTree.make(scratch["docs/plans/m/epic-04-x.md"])
    try scratch.write("docs/plans/m/epic-04-x.md/epic-05-y.md")
    let found = try scan()
    #expect(found.files.map(\.path) == ["docs/plans/m/epic-01-a.md"])
    #expect(found.problems.map(\.kind) == [.notAFile, .notAFile, .notAFile])
    #expect(found.problems.map(\.detail).joined(separator: " ").contains("named pipe"))
  }

  @Test("Links are followed inside the project only, and never round")
  func links() throws {
    let outside = try ScratchDirectory()
    try outside.write("secret.md")
    try scratch.write("docs/plans/m/epic-01-a.md")
    try scratch.write("services/pay/plans/epic-09-z.md")
    try scratch.write("shared/one.md")
    scratch.link("docs/plans/pay", to: "../../services/pay/plans")
    scratch.link("docs/plans/m/epic-02-in.md", to: "../../../shared/one.md")
    scratch.link("docs/plans/m/epic-03-out.md", to: outside["secret.md"])
    scratch.link("docs/plans/m/epic-04-gone.md", to: "nowhere.md")
    scratch.link("docs/plans/m/epic-05-self.md", to: "epic-05-self.md")
    scratch.link("docs/plans/out", to: outside.path)
    scratch.link("docs/plans/m/up", to: "..")
    scratch.link("docs/plans/m/root", to: "../../..")
    scratch.link("services/pay/plans/again", to: "../../../docs")
    let found = try scan()
    #expect(found.files.contains { $0.path == "docs/plans/pay/epic-09-z.md" && !$0.isLink })
    #expect(found.files.contains { $0.path == "docs/plans/m/epic-02-in.md" && $0.isLink })
    // Every file has one path, however many links lead to its directory.
    let regular = found.files.filter { !$0.isLink }
    #expect(Set(regular.map(\.inode)).count == regular.count)
    let problems = Dictionary(grouping: found.problems, by: \.path).mapValues { $0.map(\.kind) }
    #expect(problems["docs/plans/m/epic-03-out.md"] == [.linkOutside])
    #expect(problems["docs/plans/m/epic-04-gone.md"] == [.brokenLink])
    #expect(problems["docs/plans/m/epic-05-self.md"] == [.brokenLink])
    #expect(problems["docs/plans/out"] == [.linkOutside])
    #expect(problems["docs/plans/m/up"] == [.linkedTwice])
    #expect(problems["docs/plans/m/root"] == [.linkedTwice])
    #expect(problems["docs/plans/pay/again"] == [.linkedTwice])
    #expect(!found.files.contains { $0.path.contains("secret") })
  }

  @Test("The plans directory itself may be a link inside the project, not one outside")
  func linkedDirectory() throws {
    try scratch.write("elsewhere/m/epic-01-a.md")
    try DirectoryTree.make(scratch["docs"])
    scratch.link("docs/plans", to: "../elsewhere")
    #expect(try scan().files.map(\.path) == ["docs/plans/m/epic-01-a.md"])
    let outside = try ScratchDirectory()
    scratch.link("docs/other", to: outside.path)
    #expect(try scan("docs/other").problems.map(\.kind) == [.linkOutside])
  }

  @Test("Names that are not UTF-8 are reported")
  func names() throws {
    try scratch.write("docs/plans/m/epic-01-a.md")
    var name: [CChar] = scratch["docs/plans/m/epic-02-"].utf8.map { CChar(bitPattern: $0) }
    name += [CChar(bitPattern: 0xFF)] + ".md".utf8.map { CChar(bitPattern: $0) } + [0]
    let number = open(name, O_CREAT | O_WRONLY, 0o600)
    close(number)
    // Some file systems refuse such names; then there is nothing to report.
    let found = try scan()
    #expect(found.problems.map(\.kind) == (number >= 0 ? [.nameNotUTF8] : []))
    #expect(found.files.count == 1)
  }

  @Test("Depth and number of entries are bounded")
  func bounds() throws {
    let deep = "docs/plans/" + (0..<70).map { "d\($0)" }.joined(separator: "/")
    try scratch.write(deep + "/epic-01-a.md")
    try scratch.write("docs/plans/m/epic-01-a.md")
    let found = try scan()
    #expect(found.files.map(\.path) == ["docs/plans/m/epic-01-a.md"])
    #expect(found.problems.map(\.kind) == [.tooDeep])
    for i in 0..<20 { try scratch.write("docs/plans/n/epic-\(i)-a.md") }
    let bounded = try scan(limits: .init(entries: 10))
    #expect(bounded.problems.map(\.kind) == [.tooMany])
    #expect(bounded.files.count < 10)
  }

  @Test("A directory that can't be listed is reported, the others are read", .enabled(if: geteuid() != 0))
  func permissions() throws {
    try scratch.write("docs/plans/a/epic-01-a.md")
    try scratch.write("docs/plans/b/epic-01-a.md")
    #expect(chmod(scratch["docs/plans/a"], 0) == 0)
    defer { chmod(scratch["docs/plans/a"], 0o700) }
    let found = try scan()
    #expect(found.files.map(\.path) == ["docs/plans/b/epic-01-a.md"])
    #expect(found.problems.map(\.kind) == [.unreadable])
  }

  @Test("Any tree of files, directories and links ends in a listing that agrees with a plain walk", arguments: 0..<30)
  func random(seed: Int) throws {
    var random = SplitMix64(seed: UInt64(seed))
    var directories = ["docs/plans"]
    var expected: Set<String> = []
    try DirectoryTree.make(scratch["docs/plans"])
    for i in 0..<60 {
      let parent = directories.randomElement(using: &random) ?? "docs/plans"
      let path = parent + "/e\(i)"
      switch Int.random(in: 0..<5, using: &random) {
      case 0:
        try DirectoryTree.make(scratch[path])
        directories.append(path)
      case 1:
        scratch.link(path, to: scratch[directories.randomElement(using: &random) ?? "docs"])
      case 2: try scratch.write(path + ".txt")
      default:
        try scratch.write(path + ".md")
        expected.insert(path + ".md")
      }
    }
    let found = try scan()
    #expect(Set(found.files.map(\.path)) == expected)
    #expect(found.problems.allSatisfy { $0.kind == .linkedTwice })
  }
}
