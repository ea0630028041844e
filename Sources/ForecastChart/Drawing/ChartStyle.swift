/// The style of a ``ChartFile``: the dashboard's colours and its rules for charts.
enum ChartStyle {
  /// Rules of CSS.
  static let text = """
    \(geometry)
    \(colours(light))
    @media (prefers-color-scheme:dark){
    \(colours(dark))
    }
    """

  private struct Palette {
    let page, text, muted, line, accent, typical: String
  }

  private static let light = Palette(
    page: "#fff", text: "#17232b", muted: "#55646e", line: "#dbe2e6", accent: "#0b7285", typical: "#8a5300")
  private static let dark = Palette(
    page: "#162128", text: "#e6edf1", muted: "#9db0bb", line: "#2a3943", accent: "#4cc3d6", typical: "#f0bd63")

  private static let geometry = """
    svg{fill:none;stroke-linecap:round;stroke-linejoin:round}
    text{stroke:none;font:12px system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
    .title{font-size:20px;font-weight:600}
    .note{font-size:13px}
    .name{font-size:14px;font-weight:600}
    .fan{overflow:visible}
    .fan path{vector-effect:non-scaling-stroke}
    .fan line{stroke-width:1}
    .fan-values text{text-anchor:end}
    .fan-times text{text-anchor:middle}
    .fan-times line{stroke-opacity:.6}
    .fan-times .fan-first{text-anchor:start}
    .fan-times .fan-last{text-anchor:end}
    .fan-times .fan-day{font-weight:600}
    .fan-band{fill-opacity:.18;stroke:none}
    .fan-path{stroke-width:1;stroke-opacity:.34}
    .fan-line{stroke-width:2.2}
    .fan-history{stroke-width:1.6}
    .fan-typical{stroke-width:1.8;stroke-dasharray:5 4}
    .fan-dot{stroke-width:9;stroke-opacity:.8;stroke-dasharray:none}
    .fan-path.fan-dot{stroke-width:5;stroke-opacity:.35}
    .fan-band.fan-dot{stroke-width:12;stroke-opacity:.25}
    """

  private static func colours(_ palette: Palette) -> String {
    """
    .page{fill:\(palette.page)}
    .title,.name,.fan-day{fill:\(palette.text)}
    .note,.fan text{fill:\(palette.muted)}
    .fan line{stroke:\(palette.line)}
    .fan .fan-zero,.fan .fan-now{stroke:\(palette.muted)}
    .fan .fan-now{stroke-dasharray:3 3}
    .fan-band{fill:\(palette.accent)}
    .fan-line,.fan-path,.fan-band.fan-dot{stroke:\(palette.accent)}
    .fan-history{stroke:\(palette.text)}
    .fan-typical{stroke:\(palette.typical)}
    """
  }
}
