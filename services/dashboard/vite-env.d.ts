/// <reference types="vite/client" />
declare module 'virtual:charts.css';
