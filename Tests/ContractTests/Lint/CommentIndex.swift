import SwiftProtobuf

/// The comments of a file's elements, by the path that a descriptor gives each of them.
struct CommentIndex: Sendable {
  private let comments: [[Int32]: String]

  init(_ file: Google_Protobuf_FileDescriptorProto) {
    comments = Dictionary(
      file.sourceCodeInfo.location.map { ($0.path, $0.leadingComments + $0.trailingComments) }
    ) { first, _ in first }
  }

  subscript(path: [Int32]) -> String { comments[path] ?? "" }
}
