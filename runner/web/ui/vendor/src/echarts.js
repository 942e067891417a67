// Only what the dashboard draws with: everything else of ECharts stays out of the bundle.
import { use, init } from 'echarts/core'
import { BarChart, LineChart } from 'echarts/charts'
import { AriaComponent, GridComponent, LegendPlainComponent, TooltipComponent } from 'echarts/components'
import { SVGRenderer } from 'echarts/renderers'

use([BarChart, LineChart, AriaComponent, GridComponent, LegendPlainComponent, TooltipComponent, SVGRenderer])

export { init }
