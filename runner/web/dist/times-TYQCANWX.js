import{a}from"./chunk-XMBOG67R.js";import"./chunk-G2CU422B.js";export{a as wireTimes};
