import 'virtual:charts.css';
import './style/page.css';
import { render } from 'preact';
import { followChanges } from './api/live.js';
import { App } from './app.js';

followChanges();
render(<App />, document.getElementById('app')!);
