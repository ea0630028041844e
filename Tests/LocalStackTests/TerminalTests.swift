import Foundation
import LocalStack
import Testing

@Suite("What is written to a terminal, or to what stands in for one")
struct TerminalTests {
  @Test("Text that a full device does not take is an error with the reason, and all of them are one")
  func fullDevice() throws {
    let device = try #require(FileHandle(forWritingAtPath: "/dev/full"))
    let terminal = Terminal(descriptor: device.fileDescriptor)
    try terminal.flush()
    for _ in 1...2 { terminal.line("lost") }
    let error = try #require(throws: LocalStackError.self) { try terminal.flush() }
    #expect(error.code == .output)
    #expect(error.message == "The output cannot be written: No space left on device")
  }

  @Test("Text that arrives is no error, and a reader that is gone is none either")
  func pipe() throws {
    // A write to a pipe that nobody reads ends the process otherwise.
    signal(SIGPIPE, SIG_IGN)
    let pipe = Pipe()
    let terminal = Terminal(descriptor: pipe.fileHandleForWriting.fileDescriptor)
    terminal.line("read")
    try terminal.flush()
    #expect(pipe.fileHandleForReading.availableData == Data("read\n".utf8))
    try pipe.fileHandleForReading.close()
    terminal.line("not read")
    try terminal.flush()
  }

  @Test("Text waits for a reader that is slower, also where the descriptor would not")
  func slowReader() throws {
    let pipe = Pipe()
    let (reader, writer) = (pipe.fileHandleForReading, pipe.fileHandleForWriting)
    #expect(fcntl(writer.fileDescriptor, F_SETFL, O_NONBLOCK) == 0)
    // More than a pipe holds.
    let text = String(repeating: "x", count: 1 << 20)
    Thread.detachNewThread {
      Terminal(descriptor: writer.fileDescriptor).write(text)
      // Failing to close it would fail the test, which then reads without an end.
      try? writer.close()
    }
    #expect(try reader.readToEnd()?.count == text.utf8.count)
  }
}
