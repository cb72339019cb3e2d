import '../style/page.css';
import 'virtual:charts.css';
import { render } from 'preact';
import { DevicePage } from './device-page.js';

render(<DevicePage />, document.getElementById('app')!);
