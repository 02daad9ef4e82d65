#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The parts of a package.json or composer.json that detection needs. Parts of another shape count as absent.
struct PackageManifest: Decodable {
  var scripts: [String: String] = [:]
  /// Names of all that the project depends on.
  var dependencies: Set<String> = []
  /// Such as `pnpm@9.1.0`.
  var packageManager: String?

  private struct Name: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  /// A script of composer.json may be a list of commands; all that counts here is that it is there.
  private enum Script: Decodable {
    case text(String), other

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      // Without a reason because a part of another shape counts as absent, here and below.
      self = (try? container.decode(String.self)).map(Script.text) ?? .other
    }
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Name.self)
    // Without a reason because a part of another shape counts as absent.
    packageManager = try? container.decode(String.self, forKey: Name(stringValue: "packageManager"))
    let named = try? container.decode([String: Script].self, forKey: Name(stringValue: "scripts"))
    for (name, script) in named ?? [:] {
      if case .text(let text) = script { scripts[name] = text } else { scripts[name] = "" }
    }
    for key in ["dependencies", "devDependencies", "require", "require-dev"] {
      // Because, as above.
      let table = try? container.nestedContainer(keyedBy: Name.self, forKey: Name(stringValue: key))
      dependencies.formUnion(table?.allKeys.map(\.stringValue) ?? [])
    }
  }

  /// Reads a manifest; the failure says why it cannot be read.
  static func read(_ text: String?) -> Result<PackageManifest, ManifestError> {
    guard let text else { return .failure(ManifestError(reason: "it cannot be read")) }
    do {
      return .success(try JSONDecoder().decode(PackageManifest.self, from: Data(text.utf8)))
    } catch {
      return .failure(ManifestError(reason: "it is not a JSON object"))
    }
  }
}

/// Why a manifest could not be used.
struct ManifestError: Error {
  /// Follows the name of the file.
  var reason: String
}
