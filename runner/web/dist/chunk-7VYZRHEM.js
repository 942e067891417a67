var u=new Map,f=new Set,h=[500,1e3,2e3,4e3,8e3],v=document.documentElement.dataset.events??"",c="",g="connecting",s,m=!1,l=0,b=0;function L(e,o){let n=u.get(e)??new Set;return u.set(e,n),n.add(o),()=>n.delete(o)}function E(e){return f.add(e),e(g),()=>f.delete(e)}function S(e){c!==e&&(c=e,s&&a())}function T(){m||(m=!0,document.addEventListener("visibilitychange",()=>document.hidden?p():a()),window.addEventListener("online",a),window.addEventListener("pagehide",p),window.addEventListener("pageshow",e=>e.persisted&&a()),document.hidden||w())}function p(){clearTimeout(b),s?.abort(),s=void 0}function a(){p(),w()}async function w(){let e=new AbortController;s=e;try{let n={Accept:"text/event-stream"};v!==""&&(n["Last-Event-ID"]=v);let r="/api/v1/events"+(c===""?"":"?run="+encodeURIComponent(c)),t=await fetch(r,{headers:n,signal:e.signal,cache:"no-store"});if(!t.ok||!t.body)throw new Error(`the server answered ${t.status}`);y("live"),l=0,await x(t.body)}catch{}if(s!==e)return;y("reconnecting");let o=h[Math.min(l,h.length-1)]??8e3;l++,b=window.setTimeout(()=>{w()},o)}function y(e){if(g!==e){g=e;for(let o of f)o(e)}}async function x(e){let o=e.pipeThrough(new TextDecoderStream).getReader(),n="";for(;;){let{done:r,value:t}=await o.read();if(r)return;n=(n+t).replaceAll(`\r
`,`
`);let i=n.indexOf(`

`);for(;i>=0;)C(n.slice(0,i)),n=n.slice(i+2),i=n.indexOf(`

`)}}function C(e){let o="message",n=[];for(let t of e.split(`
`)){let i=t.indexOf(":");if(i<=0)continue;let d=t.slice(i+1).replace(/^ /,"");switch(t.slice(0,i)){case"id":v=d;break;case"event":o=d;break;case"data":n.push(d)}}if(n.length===0)return;let r=JSON.parse(n.join(`
`));for(let t of u.get(o)??[])t(r)}export{L as a,E as b,S as c,T as d};
