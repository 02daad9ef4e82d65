/// The version of a git program, as far as it decides what we may ask of it.
package struct GitVersion: Hashable, Sendable, Comparable, CustomStringConvertible {
  package var major: Int
  package var minor: Int

  package init(_ major: Int, _ minor: Int) {
    self.major = major
    self.minor = minor
  }

  /// Reads the output of `git version`; nil when it is something else.
  package init?(output: String) {
    let words = output.split(separator: " ")
    guard words.count >= 3, words[0] == "git", words[1] == "version" else { return nil }
    let numbers = words[2].split(separator: ".").prefix(2).map { Int($0.prefix { $0.isASCII && $0.isNumber }) }
    guard numbers.count == 2, let major = numbers[0], let minor = numbers[1] else { return nil }
    self.init(major, minor)
  }

  /// The oldest that takes configuration from the environment, which hides it from `ps` and beats every file.
  package static let minimum = GitVersion(2, 31)

  package static func < (a: GitVersion, b: GitVersion) -> Bool { (a.major, a.minor) < (b.major, b.minor) }
  package var description: String { "\(major).\(minor)" }
}
